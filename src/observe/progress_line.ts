import { countText, watermarkText } from "./number_text.ts";
import type { Progress, WatermarkHold } from "./run_summary.ts";
import type { Terminal } from "./terminal.ts";

/** The least time between two samples of the rate, ms. */
const SAMPLE_MS = 500;
/** The least time between two drawings, ms. */
const DRAW_MS = 100;
/** Between two lines where there is no live one, ms. */
const PLAIN_LINE_MS = 30_000;
/** A partition that is silent for so long is worth a word, ms. */
const SILENCE_MS = 5_000;

/** The part of a log that plain lines need. */
export interface ProgressLog {
  info(fields: object, message: string): void;
}

/**
 * How a run stands: one line on a terminal, rewritten in place; elsewhere a line
 * of the log now and then.
 */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #log: ProgressLog;
  #sample = { visitsIn: 0, elapsedMs: 0 };
  #visitsPerSecond = 0;
  #drawnAtMs = -Infinity;
  #plain = { visitsIn: 0, elapsedMs: 0 };

  constructor(terminal: Terminal, log: ProgressLog) {
    this.#terminal = terminal;
    this.#log = log;
  }

  /** Shows how the run stands; may be called as often as wanted. */
  update(progress: Progress): void {
    if (this.#terminal.isLive) this.#draw(progress);
    else this.#logPlain(progress);
  }

  /** Removes the line. */
  clear(): void {
    this.#terminal.setLiveLine("");
  }

  #draw(progress: Progress): void {
    if (progress.elapsedMs - this.#drawnAtMs < DRAW_MS) return;
    this.#drawnAtMs = progress.elapsedMs;
    this.#measure(progress);
    const parts = progressParts(progress, this.#visitsPerSecond);
    this.#terminal.setLiveLine(fitLine(parts, this.#terminal.room));
  }

  #logPlain(progress: Progress): void {
    const { visitsIn, elapsedMs } = progress;
    const sinceMs = elapsedMs - this.#plain.elapsedMs;
    if (sinceMs < PLAIN_LINE_MS) return;
    const visits = visitsIn - this.#plain.visitsIn;
    const visitsPerSecond = (visits / sinceMs) * 1000;
    this.#plain = { visitsIn, elapsedMs };
    const parts = progressParts(progress, visitsPerSecond);
    const text = parts.map((part) => part.text).join(", ");
    const watermark = watermarkText(progress.watermarkMs);
    this.#log.info({ ...progress, visitsPerSecond, watermark }, text);
  }

  #measure({ visitsIn, elapsedMs }: Progress): void {
    const sinceMs = elapsedMs - this.#sample.elapsedMs;
    const isFirst = this.#visitsPerSecond === 0 && sinceMs > 0;
    if (sinceMs < SAMPLE_MS && !isFirst) return;
    const visits = visitsIn - this.#sample.visitsIn;
    this.#visitsPerSecond = (visits / sinceMs) * 1000;
    if (sinceMs >= SAMPLE_MS) this.#sample = { visitsIn, elapsedMs };
  }
}

/** A part of a live line. */
export interface LinePart {
  readonly text: string;
  /** What stands in for the text where there is little room. */
  readonly short?: string;
  /** The parts with the highest number go first when there is no room. */
  readonly rank: number;
}

/** How a run stands, part by part. */
export function progressParts(
  progress: Progress,
  visitsPerSecond: number,
): LinePart[] {
  const { openSessions, late, rejected } = progress;
  const rate = countText(visitsPerSecond);
  return [
    { text: `${rate} visits/s`, short: `${rate}/s`, rank: 0 },
    { text: `${countText(openSessions)} open`, rank: 4 },
    ...watermarkParts(progress),
    { text: `${countText(late)} late`, rank: 2 },
    { text: `${countText(rejected)} rejected`, rank: 3 },
  ];
}

/** The parts that have room: in short where they must, and always whole. */
export function fitLine(parts: readonly LinePart[], room: number): string {
  const join = (texts: readonly string[]) => texts.join("  ");
  const whole = join(parts.map(({ text }) => text));
  if (whole.length <= room) return whole;
  let left = parts;
  for (;;) {
    const line = join(left.map(({ text, short = text }) => short));
    if (line.length <= room) return line;
    const last = Math.max(...left.map(({ rank }) => rank));
    left = left.filter(({ rank }) => rank < last);
  }
}

function watermarkParts({ watermarkMs, hold }: Progress): LinePart[] {
  const text = `watermark ${watermarkText(watermarkMs)}`;
  const has = watermarkMs > -Infinity;
  if (hold === null || (has && hold.silentMs < SILENCE_MS)) {
    return [{ text, rank: 1 }];
  }
  const waiting = { text: holdText(hold), short: shortHold(hold), rank: 1 };
  return has ? [{ text, rank: 5 }, waiting] : [waiting];
}

/** Which partition the watermark waits for, and how long it may. */
export function holdText(hold: WatermarkHold): string {
  const { topic, partition, idleInMs } = hold;
  const until = idleInMs === null ? "" : `, idle in ${secondsText(idleInMs)}`;
  return `waiting for ${topic}[${partition}], ${whyText(hold)}${until}`;
}

/** The topic's name may be long. */
function shortHold(hold: WatermarkHold): string {
  return holdText({ ...hold, topic: "" })
    .replace("[", "partition ")
    .replace("]", "");
}

function whyText({ why, silentMs }: WatermarkHold): string {
  switch (why) {
    case "silent":
      return `silent for ${secondsText(silentMs)}`;
    case "unread":
      return "not read yet";
    case "behind":
      return "behind";
    default:
      return "empty";
  }
}

function secondsText(ms: number): string {
  return `${countText(ms / 1000)} s`;
}
