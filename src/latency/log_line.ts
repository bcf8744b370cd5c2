/** A number as Java reads and writes it, as a part of an expression. */
export const NUMBER = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?";
const TAG = "(?:Tag=([^,\\s]*)[,\\s]+)?";
const INTERVAL = new RegExp(
  `^${TAG}(${NUMBER})[,\\s]+(${NUMBER})[,\\s]+[^,\\s]+[,\\s]+([^,\\s]+)$`,
);
const LEGEND = /^"?(?:Start)?Timestamp\b/;
/** What a log may begin with; comments of others may stand in front. */
const HEADER = /^#\[(?:Histogram log format version|StartTime:|BaseTime:)/;
/** A histogram as the last thing of a row, whatever the rest of it is. */
const PAYLOAD = /[,\s]D?HIST\S{8,}$/;
/** The last second of the year 9999. */
const SECONDS_MAX = 253_402_300_799;
/** The first of these that gives a time of these years is most likely meant. */
const FINER_UNITS = [
  ["milliseconds", 1e3],
  ["microseconds", 1e6],
  ["nanoseconds", 1e9],
] as const;
/** The end of the year 2099. */
const LIKELY_SECONDS_MAX = 4_102_444_800;

/** An interval as its line has it. */
export interface LogInterval {
  /** Empty for none. */
  readonly tag: string;
  /** Since 1970, or behind the base time of the log. */
  readonly startSec: number;
  readonly lengthSec: number;
  /** The histogram, packed. */
  readonly encoded: string;
}

/** Whether a line says nothing of intervals: comments, legends, blank lines. */
export function isRemark(line: string): boolean {
  const text = line.trim();
  return text === "" || text.startsWith("#") || LEGEND.test(text);
}

/** Whether text that has such a line is a log. */
export function isOfLog(line: string): boolean {
  const text = line.trim();
  return HEADER.test(text) || PAYLOAD.test(text);
}

/** Reads an interval. Throws an error that says what is wrong with the line. */
export function intervalOf(line: string): LogInterval {
  const match = INTERVAL.exec(line.trim());
  if (match === null) throw new Error(EXPECTED_INTERVAL);
  const [, tag = "", start, length, encoded] = match;
  return {
    tag,
    startSec: secondsOf(start!, "start"),
    lengthSec: secondsOf(length!, "length"),
    encoded: encoded!,
  };
}

/** What is wrong with a row that is nothing of a log. */
export const EXPECTED_INTERVAL =
  'expected an interval such as "0.000,1.000,2.5,HIST…", or a comment';

/**
 * Reads seconds, whose times a calendar has. Throws an error that says what they
 * would be if they are in another unit.
 */
export function secondsOf(text: string, what: string): number {
  const seconds = Number(text);
  if (Math.abs(seconds) <= SECONDS_MAX) return seconds;
  const finer = FINER_UNITS.find(
    ([, each]) => Math.abs(seconds) / each < LIKELY_SECONDS_MAX,
  );
  const right =
    finer === undefined
      ? "expected one such as 1717236000.000"
      : `expected ${(seconds / finer[1]).toFixed(3)} if these are ${finer[0]}`;
  throw new Error(`its ${what} ${text} is too large for seconds, ${right}`);
}
