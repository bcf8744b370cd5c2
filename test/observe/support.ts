import type { RunSummary } from "../../src/observe/run_summary.ts";
import { Terminal, type TextStream } from "../../src/observe/terminal.ts";

const NO_LATENCY = {
  count: 0,
  p50Ms: 0,
  p90Ms: 0,
  p99Ms: 0,
  p999Ms: 0,
  p9999Ms: 0,
  maxMs: 0,
};

/** A summary that adds up, with parts of it replaced. */
export function summaryOf(parts: Partial<RunSummary> = {}): RunSummary {
  return {
    outcome: "ended",
    visitsIn: 200_961,
    inSessions: 200_602,
    inOpenWindows: 0,
    late: 38,
    rejected: 321,
    goneRecords: 0,
    dropped: 0,
    restoredVisits: 0,
    underWay: 0,
    droppedForGood: 0,
    oversized: 0,
    notWritten: 0,
    unacknowledged: 0,
    rejectedByReason: { visit_id_missing: 100, not_json: 221 },
    inputLooksLike: null,
    sessions: 19_456,
    openSessions: 0,
    mixedSessions: 0,
    watermarkMs: Number.POSITIVE_INFINITY,
    elapsedMs: 1234.5,
    hold: null,
    lag: null,
    extent: null,
    rssBytes: 300e6,
    recent: { processing: NO_LATENCY, closing: NO_LATENCY },
    visitsPerSecond: 162_787.4,
    latency: { processing: NO_LATENCY, closing: NO_LATENCY },
    cpu: { processMs: 2000, startMs: 300, mainMs: 500, shardsMs: [700, 600] },
    durability: null,
    ...parts,
  };
}

/** A terminal that keeps what is written to it. */
export function recordedTerminal(
  size: Omit<TextStream, "write"> & { readonly noLiveBlock?: boolean },
) {
  const written: string[] = [];
  const stream: TextStream = {
    write: (text) => written.push(text),
    get isTTY() {
      return size.isTTY ?? false;
    },
    get columns() {
      return size.columns ?? 0;
    },
    get rows() {
      return size.rows ?? 0;
    },
  };
  const { noLiveBlock = false } = size;
  return { terminal: new Terminal(stream, { noLiveBlock }), written };
}
