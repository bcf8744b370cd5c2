import type { JsHistogram } from "hdr-histogram-js";
import {
  type LatencySeries,
  MS_PER_UNIT,
  type Unit,
  type UnitFound,
} from "./latency_series.ts";
import { intervalOf, NUMBER, secondsOf } from "./log_line.ts";
import { addHistogram, unpackHistogram } from "./packed_histogram.ts";
import { isInRange, type TimeRange } from "./time_range.ts";

const TIME_COMMENT = new RegExp(
  `^#\\[(Start|Base)Time: (${NUMBER})(?=[,\\s\\]]|$)`,
);
const UNIT_COMMENT = /values in (nano|micro|milli)seconds/;
const MACHINE_COMMENT = /^#\[Measured on: (.*)\]$/;
const UNITS_BY_WORD = { nano: "ns", micro: "us", milli: "ms" } as const;
/** YCSB begins so, and counts microseconds. */
const YCSB_COMMENT = "#[Logging for: ";
const YEAR_SECONDS = 365 * 24 * 3600;
const SERIES_MAX = 100;

/** How a log is read. */
export interface HistogramLogOptions {
  readonly name: string;
  readonly range: TimeRange;
  /** Null: as the log says, or nanoseconds. */
  readonly unit: Unit | null;
}

interface Total {
  readonly histogram: JsHistogram;
  fromMs: number;
  toMs: number;
}

/**
 * Sums up the intervals of a log of HdrHistogram, by tag: its memory is that of one
 * histogram a tag, however long the log is.
 */
export class HistogramLog {
  readonly #options: HistogramLogOptions;
  readonly #totals = new Map<string, Total>();
  #startSec: number | null = null;
  #baseSec: number | null = null;
  #unit: UnitFound;
  #machine: string | null = null;
  /** Intervals in the range and out of it. */
  intervals = 0;
  /** When the first began and the last ended; ms since 1970. */
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: HistogramLogOptions) {
    const { unit } = options;
    this.#options = options;
    this.#unit =
      unit === null ? { unit: "ns", by: "assumed" } : { unit, by: "user" };
  }

  /**
   * Takes a comment in, which may say a time or the unit. Throws an error that says
   * what is wrong with the time.
   */
  comment(text: string): void {
    const line = text.trim();
    const [, kind, time = ""] = TIME_COMMENT.exec(line) ?? [];
    if (kind === "Start") this.#startSec = secondsOf(time, "StartTime");
    if (kind === "Base") this.#baseSec = secondsOf(time, "BaseTime");
    this.#machine = MACHINE_COMMENT.exec(line)?.[1] ?? this.#machine;
    if (this.#unit.by === "user") return;
    const word = UNIT_COMMENT.exec(line)?.[1] as keyof typeof UNITS_BY_WORD;
    if (word !== undefined)
      this.#unit = { unit: UNITS_BY_WORD[word], by: "file" };
    if (line.startsWith(YCSB_COMMENT)) this.#unit = { unit: "us", by: "file" };
  }

  /** Takes an interval in. Throws an error that says what is wrong with the line. */
  interval(line: string): void {
    const { tag, startSec, lengthSec, encoded } = intervalOf(line);
    const fromMs = this.#absoluteSec(startSec) * 1000;
    const toMs = fromMs + lengthSec * 1000;
    const startMs = this.#startSec! * 1000;
    if (isInRange(fromMs, this.#options.range, startMs)) {
      this.#add(tag, { histogram: unpackHistogram(encoded), fromMs, toMs });
    }
    // One that is torn does not get here.
    this.intervals++;
    this.firstMs = Math.min(this.firstMs, fromMs);
    this.lastMs = Math.max(this.lastMs, toMs);
  }

  /** What it came to: a series a tag, those without a tag first. */
  series(): LatencySeries[] {
    const tags = [...this.#totals.keys()].sort();
    return tags.map((tag) => this.#seriesOf(tag, this.#totals.get(tag)!));
  }

  /** As HistogramLogReader has it: times may be absolute, or behind the start. */
  #absoluteSec(sec: number): number {
    this.#startSec ??= sec;
    this.#baseSec ??= sec < this.#startSec - YEAR_SECONDS ? this.#startSec : 0;
    return sec + this.#baseSec;
  }

  #add(tag: string, { histogram, fromMs, toMs }: Total): void {
    const total = this.#totals.get(tag);
    if (total === undefined) {
      if (this.#totals.size === SERIES_MAX) {
        throw new Error(`it has more than ${SERIES_MAX} tags`);
      }
      histogram.autoResize = true;
      this.#totals.set(tag, { histogram, fromMs, toMs });
      return;
    }
    addHistogram(total.histogram, histogram);
    total.fromMs = Math.min(total.fromMs, fromMs);
    total.toMs = Math.max(total.toMs, toMs);
  }

  #seriesOf(tag: string, { histogram, fromMs, toMs }: Total): LatencySeries {
    const { name } = this.#options;
    const msPerUnit = MS_PER_UNIT[this.#unit.unit];
    const count = histogram.totalCount;
    const percentileMs = (percentile: number) =>
      count === 0
        ? Number.NaN
        : histogram.getValueAtPercentile(percentile) * msPerUnit;
    return {
      name: tag === "" ? name : `${name} ${tag}`,
      count,
      // Not `maxValue`: it grows with each sum where the lowest value is above 1.
      maxMs: percentileMs(100),
      span: { fromMs, toMs },
      unit: this.#unit,
      machine: this.#machine,
      percentileMs,
    };
  }
}
