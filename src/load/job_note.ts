import { elapsedText } from "../observe/number_text.ts";
import type { RateReport } from "./load_report.ts";

/**
 * Of what time the job's own rows are, which is not that of the load: a job keeps
 * its latencies by intervals of some seconds, and tells those that are over. Null
 * where the job was not asked.
 */
export function jobNote({
  job,
  durationMs,
  measuredFromMs,
}: Pick<RateReport, "job" | "durationMs" | "measuredFromMs">): string | null {
  if (job === null) return null;
  const spans = job.flatMap(({ span }) => span ?? []);
  if (spans.length === 0) {
    return `The job has no rows: it counts in intervals of some seconds, none of which began and ended in ${elapsedText(durationMs)}.`;
  }
  const fromMs = Math.min(...spans.map((span) => span.fromMs));
  const toMs = Math.max(...spans.map((span) => span.toMs));
  return (
    `The job counts in whole intervals: its rows are of ${elapsedText(toMs - fromMs)}, from ${elapsedText(fromMs - measuredFromMs)} behind the warm-up on, ` +
    `and not of the same ${elapsedText(durationMs)}.`
  );
}
