import { HistogramLogWriter } from "hdr-histogram-js";
import type { LatencyHistogram } from "./latency.ts";

/** Recorded values are µs, the texts speak of ms. */
const US_PER_MS = 1000;

/** The percentile distribution in ms, as HdrHistogram's plotters read it. */
export function hgrmText({ histogram }: LatencyHistogram): string {
  return histogram.outputPercentileDistribution(5, US_PER_MS);
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
