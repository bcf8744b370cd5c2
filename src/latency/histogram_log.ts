import { inflateSync } from "node:zlib";
import { decodeFromCompressedBase64, type Histogram } from "hdr-histogram-js";
import { messageOf } from "../errors.ts";
import {
  type LatencySeries,
  MS_PER_UNIT,
  type Unit,
  type UnitFound,
} from "./latency_series.ts";
import { isInRange, type TimeRange } from "./time_range.ts";

const LINE =
  /^(?:Tag=([^,\s]+)[,\s]+)?(\d+(?:\.\d+)?)[,\s]+(\d+(?:\.\d+)?)[,\s]+[^,\s]+[,\s]+(\S+)$/;
const TIME_COMMENT = /^#\[(Start|Base)Time: (\d+(?:\.\d+)?)/;
const UNIT_COMMENT = /values in (nano|micro|milli)seconds/;
const MACHINE_COMMENT = /^#\[Measured on: (.*)\]$/;
const UNITS_BY_WORD = { nano: "ns", micro: "us", milli: "ms" } as const;
/** YCSB begins so, and counts microseconds. */
const YCSB_COMMENT = "#[Logging for: ";
const YEAR_SECONDS = 365 * 24 * 3600;
/** Cookie of a V2 histogram, whatever the size of its words. */
const COOKIE = 0x1c849303;
const HEADER_BYTES = 40;
/** More than the counts of any histogram of five digits take. */
const INFLATED_MAX = 32 * 1024 * 1024;
const SERIES_MAX = 100;

/** How a log is read. */
export interface HistogramLogOptions {
  readonly name: string;
  readonly range: TimeRange;
  /** Null: as the log says, or nanoseconds. */
  readonly unit: Unit | null;
}

interface Total {
  readonly histogram: Histogram;
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

  /** Whether a line is an interval of a log. */
  static isInterval(line: string): boolean {
    return LINE.test(line) && /HIST/.test(line);
  }

  /** Takes a comment in, which may say a time or the unit. */
  comment(line: string): void {
    const time = TIME_COMMENT.exec(line);
    if (time?.[1] === "Start") this.#startSec = Number(time[2]);
    if (time?.[1] === "Base") this.#baseSec = Number(time[2]);
    this.#machine = MACHINE_COMMENT.exec(line)?.[1] ?? this.#machine;
    if (this.#unit.by === "user") return;
    const word = UNIT_COMMENT.exec(line)?.[1] as keyof typeof UNITS_BY_WORD;
    if (word !== undefined)
      this.#unit = { unit: UNITS_BY_WORD[word], by: "file" };
    if (line.startsWith(YCSB_COMMENT)) this.#unit = { unit: "us", by: "file" };
  }

  /** Takes an interval in. Throws an error that says what is wrong with the line. */
  interval(line: string): void {
    const match = LINE.exec(line);
    if (match === null) {
      throw new Error(
        'expected an interval such as "0.000,1.000,2.5,HIST…", or a comment',
      );
    }
    const [, tag = "", start, length, encoded] = match;
    const fromMs = this.#absoluteSec(Number(start)) * 1000;
    const toMs = fromMs + Number(length) * 1000;
    this.intervals++;
    this.firstMs = Math.min(this.firstMs, fromMs);
    this.lastMs = Math.max(this.lastMs, toMs);
    const startMs = this.#startSec! * 1000;
    if (!isInRange(fromMs, this.#options.range, startMs)) return;
    this.#add(tag, { histogram: decode(encoded!), fromMs, toMs });
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
    total.histogram.add(histogram);
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

/** Throws an error that says why a text is no histogram. */
function decode(encoded: string): Histogram {
  if (encoded.startsWith("DHIST")) {
    throw new Error(
      "it holds a histogram of doubles, expected one of integers",
    );
  }
  try {
    check(Buffer.from(encoded, "base64"));
    const histogram = decodeFromCompressedBase64(encoded, 64) as Histogram;
    if (!Number.isSafeInteger(histogram.totalCount)) {
      throw new Error("its counts are no numbers");
    }
    return histogram;
  } catch (error) {
    throw new Error(
      `its histogram cannot be read (${messageOf(error)}), expected one of HdrHistogram's V2 compressed form`,
    );
  }
}

/** What the library would trust: a size in the header, an endless inflation. */
function check(compressed: Buffer): void {
  const bytes = inflateSync(compressed.subarray(8), {
    maxOutputLength: INFLATED_MAX,
  });
  if (
    bytes.length < HEADER_BYTES ||
    (bytes.readInt32BE(0) & ~0xf0) !== COOKIE
  ) {
    throw new Error("it does not begin as one");
  }
  const payload = bytes.readInt32BE(4);
  if (payload !== bytes.length - HEADER_BYTES) {
    throw new Error(
      `it has ${bytes.length - HEADER_BYTES} bytes of ${payload}`,
    );
  }
}
