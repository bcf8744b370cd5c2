import { readdirSync } from "node:fs";
import type { RunPhase } from "../../observe/run_view.ts";
import { counter, gauge, labelled, type Meter, seconds } from "./meter.ts";

const PHASES: readonly RunPhase[] = [
  "starting",
  "restoring",
  "running",
  "recovering",
  "stopping",
];

/** Worked out once: whoever counts restarts looks for changes. */
const STARTED_AT_SECONDS = Date.now() / 1000 - process.uptime();

/** What a run is, and how it stands as a whole. */
export const RUN_METERS: readonly Meter[] = [
  labelled("sessionmill_build_info", {
    kind: "gauge",
    help: "Always 1; the labels say which build of sessionmill and of Node runs.",
    labels: ["version", "node_version"],
    read: ({ job }) => [
      [{ version: job.version, node_version: process.versions.node }, 1],
    ],
  }),
  labelled("sessionmill_job_info", {
    kind: "gauge",
    help: "Always 1; the labels say what the run reads and writes.",
    labels: ["from", "to", "group", "guarantee"],
    read: ({ job: { from, to, group, guarantee } }) => [
      [{ from, to, group: group ?? "", guarantee }, 1],
    ],
  }),
  labelled("sessionmill_phase", {
    kind: "gauge",
    help: "1 for the phase that the run is in, 0 for the others.",
    labels: ["phase"],
    read: (state) =>
      PHASES.map((phase) => [{ phase }, phase === state.phase ? 1 : 0]),
  }),
  gauge("sessionmill_ready", {
    help: "1 when the run has its partitions, its sinks and its windows.",
    value: ({ isReady }) => (isReady ? 1 : 0),
  }),
  gauge("sessionmill_gap_seconds", {
    help: "The gap that ends a session.",
    value: ({ job }) => seconds(job.gapMs),
  }),
  counter("sessionmill_visits_total", {
    help: "Records taken in, whatever became of them.",
    value: ({ progress }) => progress.visitsIn,
  }),
  counter("sessionmill_late_visits_total", {
    help: "Visits that came when their window was gone.",
    value: ({ progress }) => progress.late,
  }),
  labelled("sessionmill_rejected_records_total", {
    kind: "counter",
    help: "Records that are no visit, by reason.",
    labels: ["reason"],
    read: ({ rejectedByReason }) => byName("reason", rejectedByReason),
  }),
  counter("sessionmill_sessions_total", {
    help: "Sessions that were written, each revision counts.",
    value: ({ progress }) => progress.sessions,
  }),
  labelled("sessionmill_closed_sessions_total", {
    kind: "counter",
    help: "Sessions that were put out, by what closed them.",
    labels: ["reason"],
    read: ({ closedByReason }) => byName("reason", closedByReason),
  }),
  counter("sessionmill_revisions_total", {
    help: "Sessions that were put out once more, with what came late.",
    value: ({ revisions }) => revisions,
  }),
  counter("sessionmill_mixed_sessions_total", {
    help: "Sessions with visits of more than one partition.",
    value: ({ progress }) => progress.mixedSessions,
  }),
  gauge("sessionmill_open_sessions", {
    help: "Sessions whose window is not gone.",
    value: ({ progress }) => progress.openSessions,
  }),
  gauge("sessionmill_watermark_seconds", {
    help: "The merged watermark, as seconds since 1970.",
    value: ({ progress }) => seconds(progress.watermarkMs),
  }),
  gauge("sessionmill_watermark_lag_seconds", {
    help: "The time of day less the merged watermark.",
    value: ({ progress, nowMs }) => seconds(nowMs - progress.watermarkMs),
  }),
];

/** The process and its main thread. */
export const PROCESS_METERS: readonly Meter[] = [
  labelled("sessionmill_event_loop_delay_seconds", {
    kind: "gauge",
    help: "How long the main thread's event loop was held up: p50 and p99 of the last second.",
    labels: ["stat"],
    read: ({ process: { eventLoopDelayMs: delay } }) => [
      [{ stat: "p50" }, seconds(delay.p50)],
      [{ stat: "p99" }, seconds(delay.p99)],
    ],
  }),
  gauge("sessionmill_event_loop_delay_max_seconds", {
    help: "The longest time that the main thread's event loop was held up in the last minute.",
    value: (_state, history) => seconds(history.delayMaxMs),
  }),
  counter("sessionmill_main_cpu_seconds_total", {
    help: "CPU time of the main thread.",
    value: (state) => seconds(state.process.mainCpuMs),
  }),
  gauge("sessionmill_in_flight_bytes", {
    help: "Records under way to the shards and in them, unpacked.",
    value: (state) => state.process.inFlightBytes,
  }),
  counter("process_cpu_seconds_total", {
    help: "CPU time of all threads of the process.",
    value: (state) => seconds(state.process.cpuMs),
  }),
  gauge("process_resident_memory_bytes", {
    help: "Resident memory of the process.",
    value: (state) => state.process.rssBytes,
  }),
  gauge("process_start_time_seconds", {
    help: "When the process began, as seconds since 1970.",
    value: () => STARTED_AT_SECONDS,
  }),
  gauge("process_open_fds", {
    help: "Open files and sockets of the process.",
    value: openFiles,
  }),
];

function byName(
  label: string,
  counts: Readonly<Partial<Record<string, number>>>,
): [Record<string, string>, number][] {
  return Object.entries(counts).map(([name, count]) => [
    { [label]: name },
    count ?? 0,
  ]);
}

/** Linux tells; elsewhere there is no such meter. */
function openFiles(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}
