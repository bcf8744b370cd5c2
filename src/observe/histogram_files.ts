import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Histogram, HistogramLogWriter } from "hdr-histogram-js";
import { messageOf, WorldError } from "../errors.ts";
import type { LatencyHistogram } from "./latency.ts";

/** Recorded values are µs, the files speak of ms. */
const US_PER_MS = 1000;

/**
 * Writes each histogram as `NAME.hgrm` (percentile distribution in ms) and
 * `NAME.hlog` (one compressed interval, values in µs), as HdrHistogram's
 * plotters read them. Throws a `WorldError` when the folder cannot be written.
 */
export async function writeHistogramFiles(
  folder: string,
  histograms: Readonly<Record<string, LatencyHistogram>>,
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, { histogram }] of Object.entries(histograms)) {
      await writeFile(join(folder, `${name}.hgrm`), percentileText(histogram));
      await writeFile(join(folder, `${name}.hlog`), logText(histogram));
    }
  } catch (error) {
    throw new WorldError(
      `Cannot write histograms to "${folder}": ${messageOf(error)}`,
    );
  }
}

function percentileText(histogram: Histogram): string {
  return histogram.outputPercentileDistribution(5, US_PER_MS);
}

function logText(histogram: Histogram): string {
  let text = "";
  const writer = new HistogramLogWriter((part) => {
    text += part;
  });
  const startMs = histogram.startTimeStampMsec;
  writer.outputComment("[Latencies of sessionmill, values in microseconds]");
  writer.outputLogFormatVersion();
  // Not outputStartTime: it leaves an empty line that some readers trip over.
  writer.outputComment(
    `[StartTime: ${(startMs / 1000).toFixed(3)} (seconds since epoch), ${new Date(startMs).toUTCString()}]`,
  );
  writer.outputLegend();
  const lengthSec = (Date.now() - startMs) / 1000;
  writer.outputIntervalHistogram(histogram, 0, lengthSec, US_PER_MS);
  return text;
}
