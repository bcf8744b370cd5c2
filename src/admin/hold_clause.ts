import { thingsText } from "../observe/number_text.ts";
import type { RunState } from "../observe/run_view.ts";
import { spanText } from "./span_text.ts";

/** A partition that is silent for less is simply the slowest, ms. */
const SILENCE_MS = 5_000;
/** How far the watermark of a run with one result is behind what it has read. */
const ROUNDS_TEXT = "four rounds, some 33,000 records";

/** What the watermark waits for, as the end of a sentence. */
export function holdClause(state: RunState): string {
  const { job, partitions, progress } = state;
  if (job.deterministic) return roundsClause(state);
  if (partitions.length === 0) return "this process has no partition now";
  if (state.isKafkaAway) {
    return "Kafka does not answer, so no visit moves it on";
  }
  const { hold } = progress;
  if (hold === null) return nobodyClause(state);
  const place = `${hold.topic}[${hold.partition}]`;
  const partition = partitions.find(
    (each) => each.partition === hold.partition,
  );
  const lag = partition?.lag ?? null;
  switch (hold.why) {
    case "empty":
      return `${place} holds it back: it is empty${idleClause(state)}`;
    case "unread":
      return `${place} holds it back: ${lag === null ? "its" : `its ${thingsText(lag, "record")}`} are not read yet`;
    case "behind":
      if (lag !== null) {
        return `${place} holds it back: it is behind by ${thingsText(lag, "record")}`;
      }
      // A generator or a pipe always has more.
      return hold.silentMs < SILENCE_MS
        ? slowestClause(state, place)
        : `${place} holds it back: it has more than is read`;
    default:
      return hold.silentMs < SILENCE_MS
        ? slowestClause(state, place)
        : `${place} holds it back: it is silent for ${spanText(hold.silentMs)}${idleClause(state)}`;
  }
}

/** Nothing is wrong: event time has to go on. */
function slowestClause({ job, partitions }: RunState, place: string): string {
  const bound = spanText(job.outOfOrdernessMs);
  const many = partitions.length > 1 ? ", the slowest partition" : "";
  return `it follows the newest visit of ${place}${many}, ${bound} behind it`;
}

function idleClause({ job, progress }: RunState): string {
  if (job.idleTimeoutMs === 0)
    return ", and is waited for however long it takes";
  const { idleInMs = null } = progress.hold ?? {};
  if (idleInMs === null) return "";
  if (idleInMs <= 0) return " and is just about to be left out";
  return `, and is not waited for any more in ${spanText(idleInMs)}`;
}

function nobodyClause({ partitions }: RunState): string {
  if (partitions.every(({ state }) => state === "finished")) {
    return "all of the input is read";
  }
  const all =
    partitions.length === 1 ? "its one partition is" : "all partitions are";
  return `${all} idle, so it stands still until a visit comes`;
}

function roundsClause({ progress }: RunState): string {
  const left =
    progress.lag === null || progress.lag === 0
      ? ""
      : `, with ${thingsText(progress.lag, "record")} left to read`;
  return `it is ${ROUNDS_TEXT}, behind what is read${left}`;
}
