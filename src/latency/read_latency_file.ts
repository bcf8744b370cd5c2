import { messageOf, UsageError, WorldError } from "../errors.ts";
import { unreadableReason } from "../files/file_reasons.ts";
import { HistogramLog } from "./histogram_log.ts";
import type { LatencySeries, Unit } from "./latency_series.ts";
import { EXPECTED_INTERVAL, isOfLog, isRemark } from "./log_line.ts";
import { PercentileText } from "./percentile_text.ts";
import { type TextLine, textLines } from "./text_lines.ts";
import { ALL_TIMES, type TimeRange } from "./time_range.ts";

/** YCSB's own summary, which has single percentiles alone. */
const YCSB_SUMMARY = /^\[[A-Z-]+\], \S+Latency\(us\), /;

/** How a file is read. */
export interface ReadLatencyOptions {
  /** What counts of a log. */
  readonly range?: TimeRange;
  /** Null: as the file says, else ms in texts and ns in logs. */
  readonly unit?: Unit | null;
  /** Told what is odd, and no reason to give up. */
  readonly warn: (text: string) => void;
  /** Ends the reading, which then fails: stdin may have no end. */
  readonly signal?: AbortSignal;
}

/** What reads a file, once it is known what it is. */
interface Reader {
  take(line: TextLine): void;
  end(): void;
  series(): LatencySeries[];
}

/**
 * The latencies in a file, or in stdin when `path` is null: a log of HdrHistogram,
 * or text with percentile distributions. Reads it line by line. Throws a
 * `WorldError` that names the line, and a `UsageError` when times are asked for
 * that a file does not have.
 */
export async function readLatencyFile(
  path: string | null,
  options: ReadLatencyOptions,
): Promise<LatencySeries[]> {
  const name = path ?? "stdin";
  const file = new LatencyFile(name, options);
  let number = 0;
  try {
    for await (const line of textLines(path, options.signal)) {
      number = line.number;
      file.take(line);
    }
    return file.end();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new WorldError(
      `Cannot read latencies of "${name}": ${reasonOf(error, number)}`,
    );
  }
}

/**
 * The same of text, for logs that may have nothing in the range: then there are no
 * latencies. Throws an error that says what is wrong.
 */
export function readLatencyText(
  name: string,
  text: string,
  options: Omit<ReadLatencyOptions, "warn" | "signal">,
): LatencySeries[] {
  const file = new LatencyFile(name, { ...options, warn: () => {} });
  let number = 0;
  for (const line of text.split("\n")) {
    file.take({ text: line, number: ++number, isWhole: true });
  }
  return file.found();
}

/** What is wrong, and where: the file as a whole, or a line of it. */
function reasonOf(error: unknown, line: number): string {
  if (error instanceof WorldError) return error.message;
  const wasStopped = error instanceof Error && error.name === "AbortError";
  if (wasStopped) return "stopped before its end";
  const isUnreadable = error instanceof Error && "code" in error;
  if (isUnreadable) return unreadableReason(error);
  return `line ${Math.max(1, line)}: ${messageOf(error)}`;
}

class LatencyFile {
  readonly #path: string;
  readonly #range: TimeRange;
  readonly #warn: (text: string) => void;
  readonly #log: HistogramLog;
  readonly #text: PercentileText;
  #reader: Reader | null = null;
  /** Number of the first line that a log could not have; null for none. */
  #strangeLine: number | null = null;
  #isYcsbSummary = false;
  #isTorn = false;

  constructor(path: string, options: ReadLatencyOptions) {
    const { range = ALL_TIMES, unit = null, warn } = options;
    this.#path = path;
    this.#range = range;
    this.#warn = warn;
    this.#log = new HistogramLog({ name: path, range, unit });
    this.#text = new PercentileText({ name: path, unit });
  }

  take(line: TextLine): void {
    const { text } = line;
    this.#reader ??= this.#readerOf(text);
    if (this.#reader !== null) this.#reader.take(line);
    else {
      if (!isRemark(text)) this.#strangeLine ??= line.number;
      this.#log.comment(text);
      this.#text.line(text);
      this.#isYcsbSummary ||= YCSB_SUMMARY.test(text);
    }
  }

  found(): LatencySeries[] {
    this.#reader?.end();
    return this.#reader?.series() ?? [];
  }

  end(): LatencySeries[] {
    const series = this.found();
    if (series.length > 0) return series;
    const { intervals } = this.#log;
    if (intervals > 0) throw new WorldError(this.#outOfRange());
    if (this.#isTorn) throw new WorldError("it has no whole interval");
    throw new WorldError(
      this.#isYcsbSummary
        ? "it is YCSB's summary, expected the .hdr file that -p hdrhistogram.fileoutput=true makes"
        : "it has no latencies, expected a log of HdrHistogram (.hlog) or a percentile distribution (.hgrm)",
    );
  }

  #readerOf(text: string): Reader | null {
    if (isOfLog(text)) return this.#logReader();
    if (!PercentileText.isHeader(text)) return null;
    if (this.#range.from === null && this.#range.to === null) {
      const textReader = this.#text;
      return {
        take: ({ text: line }) => textReader.line(line),
        end: () => textReader.end(),
        series: () => textReader.series(),
      };
    }
    throw new UsageError(
      `Cannot read latencies of "${this.#path}": --from and --to need a log (.hlog), a percentile distribution has no times`,
    );
  }

  #logReader(): Reader {
    if (this.#strangeLine !== null) {
      throw new WorldError(`line ${this.#strangeLine}: ${EXPECTED_INTERVAL}`);
    }
    const log = this.#log;
    return {
      take: (line) => this.#takeLogLine(line),
      end: () => {},
      series: () => log.series(),
    };
  }

  #takeLogLine({ text, number, isWhole }: TextLine): void {
    if (isRemark(text)) this.#log.comment(text);
    else {
      try {
        this.#log.interval(text);
      } catch (error) {
        if (isWhole) throw error;
        // Whoever writes it may be at it just now.
        this.#isTorn = true;
        this.#warn(
          `"${this.#path}" ends within line ${number}, which is left out`,
        );
      }
    }
  }

  #outOfRange(): string {
    const { firstMs, lastMs } = this.#log;
    const iso = (ms: number) => new Date(ms).toISOString();
    const seconds = Math.round((lastMs - firstMs) / 100) / 10;
    return `no interval begins between --from and --to: it has ${iso(firstMs)} to ${iso(lastMs)}, ${seconds} s`;
  }
}
