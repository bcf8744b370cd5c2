import type { ReportFields } from "../../src/wire/report_codec.ts";

/** What a shard without any visits reports first. */
export function reportFields(): ReportFields {
  return {
    sequence: 1,
    appliedSequence: 1,
    localWatermarkMs: -Infinity,
    clocksMs: new Float64Array(0),
    counters: {
      visits: 0,
      late: 0,
      rejected: 0,
      sessions: 0,
      visitsInSessions: 0,
      droppedVisits: 0,
      oversized: 0,
      rejectedByCode: new Uint32Array(0),
    },
    openSessions: 0,
    unfiredVisits: 0,
    bytesHeld: 0,
    holdsOutput: false,
    chunks: { partitions: [], counts: [], lengths: [] },
    sides: {
      codes: [],
      partitions: [],
      offsets: [],
      keyLengths: [],
      valueLengths: [],
    },
  };
}
