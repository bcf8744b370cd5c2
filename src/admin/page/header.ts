import { byId, make, setClass, setText } from "./dom.ts";
import { durationText } from "./format.ts";
import type { StateJson } from "./shapes.ts";

const LOOKS = {
  starting: "warn",
  restoring: "warn",
  running: "good",
  recovering: "bad",
  stopping: "warn",
} as const satisfies Record<StateJson["phase"], string>;

/** What runs, and how. */
export function showHeader(state: StateJson): void {
  const { phase, isKafkaAway, job, nowMs, startedAtMs } = state;
  const pill = byId("phase");
  setText(pill, isKafkaAway ? `${phase}, Kafka does not answer` : phase);
  setClass(pill, `pill ${isKafkaAway ? "bad" : LOOKS[phase]}`);
  const workers = `${job.workers} ${job.workers === 1 ? "shard" : "shards"}`;
  const how = [
    job.guarantee === "none" ? "no guarantee" : job.guarantee,
    ...(job.group === null ? [] : [`group ${job.group}`]),
    ...(job.instance === null ? [] : [`instance ${job.instance}`]),
    workers,
  ];
  const element = byId("job");
  const text = `${job.from} → ${job.to}${how.join(" · ")}`;
  if (element.textContent !== text) {
    element.replaceChildren(
      make("span", { class: "mono" }, `${job.from} → ${job.to}`),
      make("span", { class: "dim" }, how.join(" · ")),
    );
    document.title = `${job.from} → ${job.to} · sessionmill`;
  }
  setText(byId("uptime"), `up ${durationText(nowMs - startedAtMs)}`);
  setText(byId("version"), `sessionmill ${job.version}`);
}
