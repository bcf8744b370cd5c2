import { countText, latencyText, sizeText } from "../../observe/number_text.ts";
import { byId, make, setFacts, setText } from "./dom.ts";
import { shareText } from "./format.ts";
import { Rows } from "./rows.ts";
import type { StateJson } from "./shapes.ts";

/** What became of the records: rejected by reason, late, closed by reason. */
export class Outcomes {
  readonly #rejected = new Rows<readonly [string, number]>(byId("rejected"), {
    keyOf: ([reason]) => reason,
    newRow() {
      const reason = make("th", { class: "mono" });
      reason.scope = "row";
      const count = make("td", { class: "num" });
      return {
        element: make("tr", {}, reason, count),
        fill([name, value]) {
          setText(reason, name);
          setText(count, countText(value));
        },
      };
    },
  });

  /** Shows how the run stands. */
  show(state: StateJson): void {
    const { progress, closedByReason, revisions } = state;
    const reasons = Object.entries(state.rejectedByReason);
    this.#rejected.show(reasons.sort(([, a], [, b]) => b - a));
    byId("rejected-none").hidden = reasons.length > 0;
    const share = progress.rejected / Math.max(1, progress.visitsIn);
    const isWorthIt = progress.rejected > 0;
    setText(
      byId("rejected-note"),
      isWorthIt
        ? `${countText(progress.rejected)}, ${shareText(share)} of all`
        : "",
    );
    const closed = Object.entries(closedByReason).map(
      ([reason, count]) => [`closed: ${reason}`, countText(count)] as const,
    );
    setFacts(byId("facts"), [
      ["late visits", countText(progress.late)],
      ...closed,
      ["revisions", countText(revisions)],
    ]);
    showCommits(state);
  }
}

function showCommits({ durability, nowMs }: StateJson): void {
  byId("commits-panel").hidden = durability === null;
  if (durability === null) return;
  const { commits, lastCommitAtMs, latency, logBytes, recoveries } = durability;
  const age =
    lastCommitAtMs === null ? null : Math.max(0, nowMs - lastCommitAtMs);
  setText(
    byId("commits-note"),
    age === null ? "none yet" : `the last one ${latencyText(age)} ago`,
  );
  setFacts(byId("commits"), [
    ["commits", countText(commits)],
    ["p50", latencyText(latency.commit.p50Ms)],
    ["p99", latencyText(latency.commit.p99Ms)],
    ["pause, p99", latencyText(latency.pause.p99Ms)],
    ["window log", sizeText(logBytes)],
    ["recoveries", countText(recoveries)],
  ]);
}
