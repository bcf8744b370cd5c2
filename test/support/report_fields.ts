import { COUNTERS, GAUGES } from "../../src/wire/counters.ts";
import type { ReportFields } from "../../src/wire/report_codec.ts";

/** What a shard without any visits reports first. */
export function reportFields(): ReportFields {
  return {
    sequence: 1,
    appliedSequence: 1,
    localWatermarkMs: -Infinity,
    clocksMs: new Float64Array(0),
    counters: new Float64Array(COUNTERS.length),
    gauges: new Float64Array(GAUGES.length),
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
