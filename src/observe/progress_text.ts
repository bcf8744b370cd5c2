import { countText, roughTimeText, watermarkText } from "./number_text.ts";
import type { CatchUp, RunRates } from "./run_rates.ts";
import type { Progress, WatermarkHold } from "./run_summary.ts";

/** A partition that is silent for so long is worth a word, ms. */
const SILENCE_MS = 5_000;
/** So is one that keeps the watermark so far behind the clock, ms. */
const FAR_BEHIND_MS = 60_000;

/** What a run reads, as far as it decides about what is worth showing. */
export interface InputTraits {
  /** Records may wait in a topic. */
  readonly isTopic: boolean;
  /** The watermark follows time, and may be compared with the clock. */
  readonly isLive: boolean;
}

/** How a run stands, in one line for a log; `taker`: who takes none of its writes. */
export function progressText(
  progress: Progress,
  rates: RunRates,
  { isTopic, taker }: InputTraits & { readonly taker: string | null },
): string {
  const { openSessions, late, rejected, lag, extent, watermarkMs } = progress;
  const parts = [
    `${countText(rates.visitsPerSecond)} visits/s`,
    `${countText(rates.sessionsPerSecond)} sessions/s`,
    `${countText(openSessions)} open`,
  ];
  if (extent !== null) {
    const rest = leftText(extent, rates.leftMs, "closing sessions");
    parts.push(`${percentText(extent)} read`, rest);
  } else if (isTopic) {
    parts.push(`lag ${lagText(lag)}`, catchUpText(rates.catchUp));
  }
  parts.push(`watermark ${watermarkText(watermarkMs)}`);
  const hold = notableHold(progress, null);
  // Nothing is read while nothing can be written.
  if (taker !== null) parts.push(`waiting for ${taker}`);
  else if (hold !== null) parts.push(holdText(hold));
  parts.push(`${countText(late)} late`, `${countText(rejected)} rejected`);
  return parts.filter((part) => part !== "").join(", ");
}

/** Records that wait, or that nobody knows how many do. */
export function lagText(lag: number | null): string {
  return lag === null ? "unknown" : countText(lag);
}

/** What becomes of the records that wait; "" where that is not known. */
function catchUpText(catchUp: CatchUp): string {
  switch (catchUp.kind) {
    case "keeping-up":
      return "keeping up";
    case "growing":
      return catchUp.perSecond < 1
        ? "not shrinking"
        : `growing by ${countText(catchUp.perSecond)}/s`;
    case "shrinking":
      return `${roughTimeText(catchUp.leftMs)} to catch up`;
    default:
      return "";
  }
}

/** How much of an input is read: 100 % when nothing is left. */
export function percentText(extent: NonNullable<Progress["extent"]>): string {
  return `${Math.floor((100 * extent.done) / extent.total)} %`;
}

/** How long it takes to the end of what is read or made; then `ending`. */
export function leftText(
  { done, total }: NonNullable<Progress["extent"]>,
  leftMs: number | null,
  ending: string,
): string {
  if (done >= total) return ending;
  if (leftMs === null) return "time left unknown";
  return `${roughTimeText(leftMs)} left`;
}

/** The partition that the watermark waits for, where that is worth a word. */
export function notableHold(
  { watermarkMs, hold }: Progress,
  behindMs: number | null,
): WatermarkHold | null {
  if (hold === null || watermarkMs === -Infinity) return hold;
  if (hold.silentMs >= SILENCE_MS) return hold;
  // One that speaks is simply the slowest: recordings are far behind anyway.
  if (hold.why === "silent") return null;
  return (behindMs ?? 0) >= FAR_BEHIND_MS ? hold : null;
}

/** Which partition the watermark waits for, and how long it may. */
export function holdText(hold: WatermarkHold): string {
  const { topic, partition, idleInMs } = hold;
  const until = idleInMs === null ? "" : `, idle in ${roughTimeText(idleInMs)}`;
  return `waiting for ${topic}[${partition}], ${whyText(hold)}${until}`;
}

/** The same in less and less room: the topic's name may be long. */
export function holdTexts(hold: WatermarkHold): string[] {
  const { partition, why } = hold;
  const inWords = whyText(hold);
  return [
    holdText(hold),
    holdText({ ...hold, idleInMs: null }),
    `waiting for partition ${partition}, ${inWords}`,
    `partition ${partition} ${inWords}`,
    `partition ${partition} ${why}`,
  ];
}

/** What becomes of the records that wait, in less and less room. */
export function catchUpTexts(catchUp: CatchUp): string[] {
  const long = catchUpText(catchUp);
  if (catchUp.kind === "growing") return [long, "growing"];
  if (catchUp.kind !== "shrinking") return [long];
  return [long, `${roughTimeText(catchUp.leftMs)} left`];
}

function whyText({ why, silentMs }: WatermarkHold): string {
  switch (why) {
    case "silent":
      return `silent for ${agoText(silentMs)}`;
    case "unread":
      return "not read yet";
    case "behind":
      return "behind";
    default:
      return "empty";
  }
}

/** Seconds that are over, where `roughTimeText` counts those that have begun. */
function agoText(ms: number): string {
  return roughTimeText(ms - (ms % 1000));
}
