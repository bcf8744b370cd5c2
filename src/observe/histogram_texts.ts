import { HistogramLogWriter } from "hdr-histogram-js";
import type { LatencyHistogram } from "./latency.ts";

/** Recorded values are µs, the texts speak of ms. */
const US_PER_MS = 1000;

/**
 * What has a row of its own: the format's steps come to 98.75 and 99.06, and whoever
 * reads the 99th percentile there reads the next larger one.
 */
const TOLD_PERCENTILES = [99, 99.9, 99.99, 99.999];
/** Title and an empty line. */
const HEAD_LINES = 2;

/** The percentile distribution in ms, as HdrHistogram's plotters read it. */
export function hgrmText(latency: LatencyHistogram): string {
  const { histogram } = latency;
  const text = histogram.outputPercentileDistribution(5, US_PER_MS);
  const lines = text.split("\n");
  for (const [share, row] of toldRows(latency)) {
    const isBehind = (line: string) => !(shareOf(line) < share);
    const at = lines.findIndex((line, i) => i >= HEAD_LINES && isBehind(line));
    if (shareOf(lines[at]!) !== share) lines.splice(at, 0, row);
  }
  return lines.join("\n");
}

/** The share that a row is of; NaN behind the last row. */
function shareOf(line: string): number {
  return line.startsWith("#") ? Number.NaN : Number(line.trim().split(/ +/)[1]);
}

/** The rows of the percentiles that are told, none of an empty histogram. */
function* toldRows(latency: LatencyHistogram): Iterable<[number, string]> {
  const counts = latency.reader().take();
  if (counts.length === 0) return;
  let at = 0;
  let within = 0;
  for (const percentile of TOLD_PERCENTILES) {
    const us = latency.histogram.getValueAtPercentile(percentile);
    for (; counts[at]! <= us; at += 2) within += counts[at + 1]!;
    const share = (percentile / 100).toFixed(12);
    const row = [
      (us / US_PER_MS).toFixed(3).padStart(12),
      share,
      String(within).padStart(10),
      (1 / (1 - Number(share))).toFixed(2).padStart(14),
    ];
    yield [Number(share), row.join(" ")];
  }
}

/** What a log of intervals begins with; it started at `startMs`, wall clock. */
export function hlogHeader(startMs: number): string {
  return textOf((writer) => {
    writer.outputComment("[Latencies of sessionmill, values in microseconds]");
    writer.outputLogFormatVersion();
    // Not outputStartTime: it leaves an empty line that some readers trip over.
    writer.outputComment(
      `[StartTime: ${(startMs / 1000).toFixed(3)} (seconds since epoch), ${new Date(startMs).toUTCString()}]`,
    );
    writer.outputLegend();
  });
}

/** An interval of such a log, a line; its bounds in ms since the log's start. */
export function hlogLine(
  { histogram }: LatencyHistogram,
  interval: { readonly fromMs: number; readonly toMs: number },
): string {
  const { fromMs, toMs } = interval;
  return textOf((writer) =>
    writer.outputIntervalHistogram(
      histogram,
      fromMs / 1000,
      toMs / 1000,
      US_PER_MS,
    ),
  );
}

function textOf(write: (writer: HistogramLogWriter) => void): string {
  let text = "";
  write(
    new HistogramLogWriter((part) => {
      text += part;
    }),
  );
  return text;
}
