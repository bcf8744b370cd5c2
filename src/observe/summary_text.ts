import type { Percentiles } from "./latency.ts";
import {
  countText,
  elapsedText,
  latencyText,
  sizeText,
} from "./number_text.ts";
import type { RunSummary } from "./run_summary.ts";

/** Visits below which a rate a million says nothing. */
const RATE_VISITS_MIN = 10_000;

/** The end of a run in a few lines for people, each ending in a newline. */
export function summaryText(summary: RunSummary): string {
  const lines = [
    headline(summary),
    ...restoredLines(summary),
    partLine("in sessions", summary.inSessions, writtenText(summary)),
    partLine("in open windows", summary.inOpenWindows, openText(summary)),
    partLine("late", summary.late, ""),
    partLine("rejected", summary.rejected, reasonsText(summary)),
  ];
  const { droppedForGood } = summary;
  if (droppedForGood > 0) {
    const note = "of a topic that was deleted: nobody can read them again";
    lines.push(partLine("dropped for good", droppedForGood, note));
  }
  const dropped = summary.dropped - droppedForGood;
  if (dropped > 0) {
    const note =
      summary.durability === null
        ? "of partitions that went elsewhere or were made anew"
        : "taken back to the last commit: read again, by us or by others";
    lines.push(partLine("dropped", dropped, note));
  }
  if (summary.underWay > 0) {
    const note = "no shard has reported on them";
    lines.push(partLine("under way", summary.underWay, note));
  }
  if (summary.goneRecords > 0) {
    const note = "records deleted before they were read, not in the visits";
    lines.push(partLine("gone", summary.goneRecords, note));
  }
  if (summary.mixedSessions > 0) {
    const note = "sessions of visits from more than one partition";
    lines.push(partLine("mixed", summary.mixedSessions, note));
  }
  lines.push(...durabilityLines(summary));
  lines.push(...latencyLines(summary), cpuLine(summary));
  return `${lines.join("\n")}\n`;
}

/** What adds to the visits of this run, so that they come to those below. */
function restoredLines({ restoredVisits }: RunSummary): string[] {
  if (restoredVisits === 0) return [];
  const note = "visits in windows that were open at the last commit";
  return [partLine("and came back", restoredVisits, note)];
}

function durabilityLines({ durability }: RunSummary): string[] {
  if (durability === null) return [];
  const { commits, deltaBytes, logBytes, liveBytes } = durability;
  const { restores, restoredSessions, recoveries } = durability;
  const bytes = `${sizeText(deltaBytes)} of changes written, window log ${sizeText(logBytes)}, ${sizeText(liveBytes)} of it needed`;
  const lines = [partLine("commits", commits, bytes)];
  if (restores > 0) {
    const note = `${countText(restoredSessions)} open sessions came back`;
    lines.push(partLine("restored", restores, `partitions, ${note}`));
  }
  if (recoveries > 0) {
    const note = "failures after which it began again";
    lines.push(partLine("recoveries", recoveries, note));
  }
  return lines;
}

function headline(summary: RunSummary): string {
  const { outcome, visitsIn, elapsedMs, visitsPerSecond } = summary;
  const failed = outcome === "failed" ? "Failed after " : "";
  const visits = `${countText(visitsIn)} visits in ${elapsedText(elapsedMs)}`;
  return `${failed}${visits}, ${countText(visitsPerSecond)} visits/s`;
}

function partLine(label: string, count: number, note: string): string {
  const line = `  ${label.padEnd(16)}${countText(count).padStart(14)}`;
  return note === "" ? line : `${line}   ${note}`;
}

function writtenText(summary: RunSummary): string {
  const { oversized, notWritten, unacknowledged } = summary;
  const parts = [`${countText(summary.sessions)} sessions written`];
  if (oversized > 0) {
    parts.push(`${countText(oversized)} too large: dead letters`);
  }
  if (notWritten > 0) {
    parts.push(`${countText(notWritten)} not written, too large`);
  }
  if (unacknowledged > 0) {
    parts.push(`${countText(unacknowledged)} not confirmed by the sink`);
  }
  return parts.join(", ");
}

function openText(summary: RunSummary): string {
  const { openSessions, inOpenWindows } = summary;
  if (openSessions === 0) return "";
  // Those that were written have no visit in the count, and may fire again.
  const kept = openSessions > inOpenWindows ? ", or kept for late visits" : "";
  return `${countText(openSessions)} sessions open${kept}`;
}

/** Each reason of a rejection with its number, the most frequent first. */
export function reasonsText({
  rejectedByReason,
}: Pick<RunSummary, "rejectedByReason">): string {
  return Object.entries(rejectedByReason)
    .filter(([, count]) => count > 0)
    .sort(([, left], [, right]) => right - left)
    .map(([reason, count]) => `${reason} ${countText(count)}`)
    .join(", ");
}

function cpuLine({ cpu, visitsIn }: RunSummary): string {
  // Of a few visits it would say what a start costs.
  const rate =
    visitsIn < RATE_VISITS_MIN
      ? ""
      : `, ${(cpu.processMs / 1000 / (visitsIn / 1e6)).toFixed(2)} s a million visits`;
  const shards = cpu.shardsMs.map(elapsedText).join(", ");
  return (
    `  ${"cpu".padEnd(20)}${elapsedText(cpu.processMs)} in all${rate}   ` +
    `main thread ${elapsedText(cpu.mainMs)}   shards ${shards}`
  );
}

function latencyLines({ latency, durability }: RunSummary): string[] {
  return Object.entries({ ...latency, ...durability?.latency })
    .filter(([, percentiles]) => percentiles.count > 0)
    .map(([name, percentiles]) => latencyLine(name, percentiles));
}

function latencyLine(name: string, percentiles: Percentiles): string {
  const parts = [
    `p50 ${latencyText(percentiles.p50Ms)}`,
    `p90 ${latencyText(percentiles.p90Ms)}`,
    `p99 ${latencyText(percentiles.p99Ms)}`,
    `p99.9 ${latencyText(percentiles.p999Ms)}`,
    `max ${latencyText(percentiles.maxMs)}`,
  ];
  return `  ${`${name} latency`.padEnd(20)}${parts.join("   ")}`;
}
