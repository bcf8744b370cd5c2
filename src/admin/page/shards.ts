import { countText, latencyText, sizeText } from "../../observe/number_text.ts";
import type { ShardView } from "../../observe/run_view.ts";
import { byId, make, setFacts, setText } from "./dom.ts";
import { durationText, shareText } from "./format.ts";
import { type Row, Rows } from "./rows.ts";
import type { StateJson } from "./shapes.ts";

/** A shard, and what it did since the state before. */
interface BusyShard {
  readonly view: ShardView;
  readonly visitsPerSecond: number | null;
  /** CPU time a time: 1 is a whole core. */
  readonly busy: number | null;
}

/** Each shard: what it holds and does. */
export class Shards {
  readonly #rows = new Rows<BusyShard>(byId("shards"), {
    keyOf: ({ view }) => String(view.shard),
    newRow,
  });
  #before: StateJson | null = null;

  /** Shows how they stand. */
  show(state: StateJson): void {
    const before = this.#before;
    const spanMs = before === null ? 0 : state.nowMs - before.nowMs;
    this.#rows.show(
      state.shards.map((view) => {
        const old = before?.shards.find(({ shard }) => shard === view.shard);
        // Counters that fell are those of another life.
        const isKnown = old && spanMs > 0 && view.visits >= old.visits;
        if (!isKnown) return { view, visitsPerSecond: null, busy: null };
        const visits = view.visits - old.visits;
        const busy = Math.max(0, view.cpuMs - old.cpuMs) / spanMs;
        return { view, visitsPerSecond: (visits / spanMs) * 1000, busy };
      }),
    );
    this.#before = state;
    showProcess(state);
  }
}

/** What all threads take together. */
function showProcess({ process }: StateJson): void {
  setFacts(byId("process"), [
    ["process CPU", durationText(process.cpuMs)],
    ["process memory", sizeText(process.rssBytes)],
    ["event loop, p99", latencyText(process.eventLoopDelayMs.p99)],
  ]);
}

function newRow(): Row<BusyShard> {
  const head = make("th", { class: "num" });
  head.scope = "row";
  const cell = () => make("td", { class: "num" });
  const [open, memory, rate, tasks] = [cell(), cell(), cell(), cell()];
  tasks.className = "num roomy";
  const filled = make("i");
  const text = make("span", { class: "bar-text" });
  const bar = make("span", { class: "bar" }, filled);
  const cpu = make("td", {}, make("div", { class: "cpu" }, bar, text));
  const element = make("tr", {}, head, open, memory, rate, tasks, cpu);
  return {
    element,
    fill({ view, visitsPerSecond, busy }) {
      setText(head, String(view.shard));
      setText(open, countText(view.openSessions));
      setText(memory, sizeText(view.bytesHeld));
      const hasRate = visitsPerSecond !== null;
      setText(rate, hasRate ? countText(visitsPerSecond) : "–");
      setText(tasks, countText(view.tasksUnderWay));
      filled.style.width = `${Math.min(1, busy ?? 0) * 100}%`;
      setText(text, busy === null ? "–" : shareText(busy));
    },
  };
}
