import {
  type BlockRow,
  barRow,
  blockLines,
  curvePart,
  SteadyNumbers,
} from "./block_rows.ts";
import type { LinePart } from "./fit_parts.ts";
import {
  countText,
  latencyText,
  roughTimeText,
  sizeText,
  watermarkText,
} from "./number_text.ts";
import type { ProgressView } from "./progress_display.ts";
import {
  catchUpTexts,
  holdTexts,
  type InputTraits,
  lagText,
  leftText,
  notableHold,
  progressText,
} from "./progress_text.ts";
import type { RunRates } from "./run_rates.ts";
import type { Progress, RecentPercentiles } from "./run_summary.ts";
import type { TextStyle } from "./text_style.ts";

/** Room that times like `12.1 ms` take, so that they do not jump. */
const LATENCY_WIDTH = 7;

/** How a run is shown. */
export interface RunViewOptions {
  readonly input: InputTraits;
  readonly style: TextStyle;
  /** Wall clock, ms since 1970. */
  readonly nowMs: () => number;
  /** Who takes none of what is written; null or left out: nobody. */
  readonly waitsFor?: (() => string | null) | undefined;
}

/** How a run stands, in a few lines that fit any width, or in one for a log. */
export class RunProgress implements ProgressView<Progress> {
  readonly #options: RunViewOptions;
  readonly #style: TextStyle;
  readonly #numbers = new SteadyNumbers();

  constructor(options: RunViewOptions) {
    this.#options = options;
    this.#style = options.style;
  }

  lines(progress: Progress, rates: RunRates, room: number): string[] {
    const rows = [
      this.#visits(progress, rates),
      ...this.#reading(progress, rates, room),
      this.#watermark(progress),
      this.#latency(progress),
      this.#sessions(progress, rates),
    ];
    return blockLines(rows, { room, style: this.#style });
  }

  text(progress: Progress, rates: RunRates): string {
    const { input, waitsFor } = this.#options;
    const taker = waitsFor?.() ?? null;
    return progressText(progress, rates, { ...input, taker });
  }

  fields(progress: Progress, rates: RunRates): object {
    const { visitsPerSecond, sessionsPerSecond, catchUp, leftMs } = rates;
    const watermark = watermarkText(progress.watermarkMs);
    const speed = { visitsPerSecond, sessionsPerSecond, catchUp, leftMs };
    return { ...progress, ...speed, watermark };
  }

  #visits({ late, rejected }: Progress, rates: RunRates): BlockRow {
    const style = this.#style;
    const rate = this.#pad("visits/s", rates.visitsPerSecond);
    const rejects = this.#pad("rejected", rejected);
    const parts = [
      { texts: [`${rate}/s`], rank: 0, paint: style.strong },
      { texts: [`${this.#pad("late", late)} late`], rank: 2 },
      {
        texts: [`${rejects} rejected`, `${rejects} rej.`],
        rank: 1,
        paint: rejected > 0 ? style.warn : String,
      },
      curvePart(rates.history, style),
    ];
    return { label: "visits", parts };
  }

  /** How far an input that ends is read, or how much of a topic waits. */
  #reading(progress: Progress, rates: RunRates, room: number): BlockRow[] {
    const { extent } = progress;
    const style = this.#style;
    if (extent !== null) {
      const rest = leftText(extent, rates.leftMs, "closing sessions");
      return [barRow("read", extent, { rest, room, style })];
    }
    if (!this.#options.input.isTopic) return [];
    const { catchUp } = rates;
    const lag = this.#numbers.pad("lag", lagText(progress.lag));
    const isWell =
      catchUp.kind === "keeping-up" || catchUp.kind === "shrinking";
    const parts = [
      { texts: [progress.lag === null ? lag : `${lag} records`, lag], rank: 0 },
      {
        texts: catchUpTexts(catchUp),
        rank: 1,
        paint: isWell ? style.good : style.warn,
      },
    ];
    return [{ label: "lag", parts }];
  }

  #watermark(progress: Progress): BlockRow {
    const { watermarkMs } = progress;
    const { input, nowMs, waitsFor } = this.#options;
    const isCompared = input.isLive && Number.isFinite(watermarkMs);
    const behindMs = isCompared ? nowMs() - watermarkMs : null;
    const hold = notableHold(progress, behindMs);
    const taker = waitsFor?.() ?? null;
    const holds = hold === null ? [] : holdTexts(hold);
    const parts = [
      { texts: watermarkTexts(watermarkMs), rank: 0 },
      { texts: behindMs === null ? [] : behindTexts(behindMs), rank: 2 },
      {
        // Nothing is read while nothing can be written.
        texts: taker === null ? holds : [`waiting for ${taker}`],
        rank: 1,
        paint: this.#style.warn,
      },
    ];
    return { label: "watermark", parts };
  }

  #latency({ recent: { processing, closing } }: Progress): BlockRow {
    const ofProcessing = timesTexts(processing);
    const [, p99] = ofProcessing;
    const parts = [
      { texts: [`processing ${ofProcessing[0]}`, `p99 ${p99}`], rank: 0 },
      { texts: timesTexts(closing).map((each) => `closing ${each}`), rank: 1 },
      { texts: ["last 10 s", ""], rank: 9, paint: this.#style.dim },
    ];
    return { label: "latency", parts };
  }

  #sessions(progress: Progress, rates: RunRates): BlockRow {
    const rate = this.#pad("sessions/s", rates.sessionsPerSecond);
    const open = this.#pad("open", progress.openSessions);
    const memory = this.#numbers.pad("memory", sizeText(progress.rssBytes));
    const parts: LinePart[] = [
      { texts: [`${rate}/s`], rank: 0, paint: this.#style.strong },
      { texts: [`${open} open`], rank: 1 },
      { texts: [`${memory} memory`, memory], rank: 2 },
    ];
    return { label: "sessions", parts };
  }

  #pad(name: string, count: number): string {
    return this.#numbers.pad(name, countText(count));
  }
}

/** The watermark, and without its date. */
function watermarkTexts(watermarkMs: number): string[] {
  const text = watermarkText(watermarkMs);
  return text.endsWith("Z") ? [text, text.slice(11)] : [text];
}

/** How far the watermark is behind the clock, or ahead of it. */
function behindTexts(behindMs: number): string[] {
  const time = roughTimeText(Math.abs(behindMs));
  return behindMs < 0
    ? [`${time} ahead of the clock`, `${time} ahead`]
    : [`${time} behind the clock`, `${time} behind`];
}

/** The median and the 99th percentile, and the latter alone. */
function timesTexts({ count, p50Ms, p99Ms }: RecentPercentiles): string[] {
  if (count === 0) return ["none", "none"];
  return [`p50 ${timeText(p50Ms)} p99 ${timeText(p99Ms)}`, timeText(p99Ms)];
}

function timeText(ms: number): string {
  return latencyText(ms).padStart(LATENCY_WIDTH);
}
