import { Builder, ByteBuffer } from "flatbuffers";
import { Report } from "./generated/report.ts";
import { ownBytes } from "./task_codec.ts";

/** Record batches of a payload, one behind the other. */
export interface BatchColumns {
  readonly partitions: number[];
  readonly counts: number[];
  readonly lengths: number[];
}

/** The envelope of a report; sessions, side records and deltas are its payload. */
export interface ReportFields {
  readonly sequence: number;
  readonly appliedSequence: number;
  readonly localWatermarkMs: number;
  readonly clocksMs: Float64Array;
  /** In the order of `COUNTERS`. */
  readonly counters: Float64Array;
  /** In the order of `GAUGES`. */
  readonly gauges: Float64Array;
  /** There is output of these tasks that waits for the next report. */
  readonly holdsOutput: boolean;
  readonly chunks: BatchColumns;
  readonly sides: {
    readonly codes: number[];
    readonly partitions: number[];
    readonly offsets: number[];
    readonly keyLengths: number[];
    readonly valueLengths: number[];
  };
  /** Batches of the window log; none when left out. */
  readonly deltas?: BatchColumns;
}

/** Encodes the envelope of a report. */
export function encodeReport(fields: ReportFields): Uint8Array<ArrayBuffer> {
  const { chunks, sides } = fields;
  const builder = new Builder(1024);
  const vectors = {
    clocks: Report.createClocksMsVector(builder, fields.clocksMs),
    counters: Report.createCountersVector(builder, fields.counters),
    gauges: Report.createGaugesVector(builder, fields.gauges),
    chunkPartitions: Report.createChunkPartitionsVector(
      builder,
      chunks.partitions,
    ),
    chunkCounts: Report.createChunkCountsVector(builder, chunks.counts),
    chunkLengths: Report.createChunkLengthsVector(builder, chunks.lengths),
    sideCodes: Report.createSideCodesVector(builder, sides.codes),
    sidePartitions: Report.createSidePartitionsVector(
      builder,
      sides.partitions,
    ),
    sideOffsets: Report.createSideOffsetsVector(builder, sides.offsets),
    sideKeys: Report.createSideKeyLengthsVector(builder, sides.keyLengths),
    sideValues: Report.createSideValueLengthsVector(
      builder,
      sides.valueLengths,
    ),
  };
  const addDeltas = deltaVectors(builder, fields.deltas);
  Report.startReport(builder);
  Report.addClocksMs(builder, vectors.clocks);
  Report.addCounters(builder, vectors.counters);
  Report.addGauges(builder, vectors.gauges);
  Report.addChunkPartitions(builder, vectors.chunkPartitions);
  Report.addChunkCounts(builder, vectors.chunkCounts);
  Report.addChunkLengths(builder, vectors.chunkLengths);
  Report.addSideCodes(builder, vectors.sideCodes);
  Report.addSidePartitions(builder, vectors.sidePartitions);
  Report.addSideOffsets(builder, vectors.sideOffsets);
  Report.addSideKeyLengths(builder, vectors.sideKeys);
  Report.addSideValueLengths(builder, vectors.sideValues);
  Report.addSequence(builder, fields.sequence);
  Report.addAppliedSequence(builder, fields.appliedSequence);
  Report.addLocalWatermarkMs(builder, fields.localWatermarkMs);
  Report.addHoldsOutput(builder, fields.holdsOutput);
  addDeltas();
  builder.finish(Report.endReport(builder));
  return ownBytes(builder);
}

/** Makes the vectors of deltas, if there are any; returns what adds them. */
function deltaVectors(
  builder: Builder,
  deltas: BatchColumns | undefined,
): () => void {
  if (deltas === undefined) return () => {};
  const { partitions, counts, lengths } = deltas;
  const vectors = {
    partitions: Report.createDeltaPartitionsVector(builder, partitions),
    counts: Report.createDeltaCountsVector(builder, counts),
    lengths: Report.createDeltaLengthsVector(builder, lengths),
  };
  return () => {
    Report.addDeltaPartitions(builder, vectors.partitions);
    Report.addDeltaCounts(builder, vectors.counts);
    Report.addDeltaLengths(builder, vectors.lengths);
  };
}

/** Reads the envelope of a report in place. */
export function decodeReport(envelope: Uint8Array): Report {
  return Report.getRootAsReport(new ByteBuffer(envelope));
}
