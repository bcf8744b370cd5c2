import { Builder, ByteBuffer } from "flatbuffers";
import { Report } from "./generated/report.ts";
import { ownBytes } from "./task_codec.ts";

/** What happened in the shard since its last report. */
export interface ReportCounters {
  visits: number;
  late: number;
  rejected: number;
  sessions: number;
  visitsInSessions: number;
  droppedVisits: number;
  oversized: number;
  /** By outcome code. */
  rejectedByCode: Uint32Array;
}

/** The envelope of a report; sessions and side records are in its payload. */
export interface ReportFields {
  readonly sequence: number;
  readonly appliedSequence: number;
  readonly localWatermarkMs: number;
  readonly clocksMs: Float64Array;
  readonly counters: ReportCounters;
  readonly openSessions: number;
  readonly unfiredVisits: number;
  readonly bytesHeld: number;
  /** There is output of these tasks that waits for the next report. */
  readonly holdsOutput: boolean;
  readonly chunks: {
    readonly partitions: number[];
    readonly counts: number[];
    readonly lengths: number[];
  };
  readonly sides: {
    readonly codes: number[];
    readonly partitions: number[];
    readonly offsets: number[];
    readonly keyLengths: number[];
    readonly valueLengths: number[];
  };
}

/** Encodes the envelope of a report. */
export function encodeReport(fields: ReportFields): Uint8Array<ArrayBuffer> {
  const { chunks, sides, counters } = fields;
  const builder = new Builder(1024);
  const vectors = {
    clocks: Report.createClocksMsVector(builder, fields.clocksMs),
    byCode: Report.createRejectedByCodeVector(builder, counters.rejectedByCode),
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
  Report.startReport(builder);
  Report.addClocksMs(builder, vectors.clocks);
  Report.addRejectedByCode(builder, vectors.byCode);
  Report.addChunkPartitions(builder, vectors.chunkPartitions);
  Report.addChunkCounts(builder, vectors.chunkCounts);
  Report.addChunkLengths(builder, vectors.chunkLengths);
  Report.addSideCodes(builder, vectors.sideCodes);
  Report.addSidePartitions(builder, vectors.sidePartitions);
  Report.addSideOffsets(builder, vectors.sideOffsets);
  Report.addSideKeyLengths(builder, vectors.sideKeys);
  Report.addSideValueLengths(builder, vectors.sideValues);
  addNumbers(builder, fields);
  builder.finish(Report.endReport(builder));
  return ownBytes(builder);
}

function addNumbers(builder: Builder, fields: ReportFields): void {
  const { counters } = fields;
  Report.addSequence(builder, fields.sequence);
  Report.addAppliedSequence(builder, fields.appliedSequence);
  Report.addLocalWatermarkMs(builder, fields.localWatermarkMs);
  Report.addVisits(builder, counters.visits);
  Report.addLate(builder, counters.late);
  Report.addRejected(builder, counters.rejected);
  Report.addSessions(builder, counters.sessions);
  Report.addVisitsInSessions(builder, counters.visitsInSessions);
  Report.addDroppedVisits(builder, counters.droppedVisits);
  Report.addOversized(builder, counters.oversized);
  Report.addOpenSessions(builder, fields.openSessions);
  Report.addUnfiredVisits(builder, fields.unfiredVisits);
  Report.addBytesHeld(builder, fields.bytesHeld);
  Report.addHoldsOutput(builder, fields.holdsOutput);
}

/** Reads the envelope of a report in place. */
export function decodeReport(envelope: Uint8Array): Report {
  return Report.getRootAsReport(new ByteBuffer(envelope));
}
