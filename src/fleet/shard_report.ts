import { counterOf } from "../wire/counters.ts";
import type { Report } from "../wire/generated/report.ts";
import type { PostedReport, SessionChunk } from "../wire/messages.ts";
import type { ShardAnswer } from "../wire/orders.ts";
import { decodeReport } from "../wire/report_codec.ts";

const NO_CODES = new Uint8Array(0);

/** A late visit, rejected record or oversized session, as the shard saw it. */
export interface ReportedSide {
  /** 0 late, 255 oversized, else the outcome code. */
  readonly code: number;
  readonly partition: number;
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/** Batches as an envelope lists them, by index. */
interface BatchColumns {
  readonly length: number;
  partition(index: number): number | null;
  count(index: number): number | null;
  byteLength(index: number): number | null;
}

/** A shard's report, read in place; valid until its payload is given back. */
export class ShardReport {
  readonly shard: number;
  readonly envelope: Report;
  readonly payload: ArrayBuffer | null;
  readonly sequence: number;
  readonly appliedSequence: number;
  /** There is output of the tasks so far that comes with the next report. */
  readonly holdsOutput: boolean;
  readonly localWatermarkMs: number;
  readonly clocksMs: Float64Array;
  readonly threadCpuMs: number;
  readonly answers: readonly ShardAnswer[];

  constructor(shard: number, message: PostedReport) {
    this.shard = shard;
    this.threadCpuMs = message.threadCpuMs;
    this.envelope = decodeReport(message.envelope);
    this.payload = message.payload;
    this.answers = message.answers;
    this.sequence = this.envelope.sequence();
    this.appliedSequence = this.envelope.appliedSequence();
    this.holdsOutput = this.envelope.holdsOutput();
    this.localWatermarkMs = this.envelope.localWatermarkMs();
    this.clocksMs = this.envelope.clocksMsArray() ?? new Float64Array(0);
  }

  /** Records whose chunks the shard scanned itself, and their unpacked bytes. */
  get scanned(): { readonly count: number; readonly byteLength: number } {
    const byteLength = counterOf(this.envelope, "recordBytes");
    const count = byteLength === 0 ? 0 : counterOf(this.envelope, "visits");
    return { count, byteLength };
  }

  /** Bytes that the report holds on to. */
  get payloadLength(): number {
    return this.payload?.byteLength ?? 0;
  }

  /** The encoded sessions, views into the payload. */
  chunks(): SessionChunk[] {
    const { envelope } = this;
    return this.#batches(0, {
      length: envelope.chunkLengthsLength(),
      partition: (i) => envelope.chunkPartitions(i),
      count: (i) => envelope.chunkCounts(i),
      byteLength: (i) => envelope.chunkLengths(i),
    });
  }

  /** Record batches of the window log, views into the payload. */
  deltas(): SessionChunk[] {
    const { envelope } = this;
    const length = envelope.deltaLengthsLength();
    if (length === 0) return [];
    const keys = envelope.sideKeyLengthsArray();
    const values = envelope.sideValueLengthsArray();
    const at = this.#sidesAt + bytesOf(keys) + bytesOf(values);
    return this.#batches(at, {
      length,
      partition: (i) => envelope.deltaPartitions(i),
      count: (i) => envelope.deltaCounts(i),
      byteLength: (i) => envelope.deltaLengths(i),
    });
  }

  /** The codes of the side records, one each. */
  get sideCodes(): Uint8Array {
    return this.envelope.sideCodesArray() ?? NO_CODES;
  }

  /** The side records, views into the payload; one is made when it is asked for. */
  *sides(): Generator<ReportedSide> {
    const { envelope, sideCodes } = this;
    if (sideCodes.length === 0) return;
    const partitions = envelope.sidePartitionsArray()!;
    const offsets = envelope.sideOffsetsArray()!;
    const keyLengths = envelope.sideKeyLengthsArray()!;
    const valueLengths = envelope.sideValueLengthsArray()!;
    let at = this.#sidesAt;
    for (let i = 0; i < sideCodes.length; i++) {
      const keyLength = keyLengths[i]!;
      const valueLength = valueLengths[i]!;
      const key = this.#bytes(at, keyLength);
      at += Math.max(0, keyLength);
      const value = this.#bytes(at, valueLength);
      at += Math.max(0, valueLength);
      const partition = partitions[i]!;
      const offset = offsets[i]!;
      yield { code: sideCodes[i]!, partition, offset, key, value };
    }
  }

  /** Where in the payload the side records begin. */
  get #sidesAt(): number {
    return bytesOf(this.envelope.chunkLengthsArray());
  }

  #batches(from: number, columns: BatchColumns): SessionChunk[] {
    const batches: SessionChunk[] = [];
    let at = from;
    for (let i = 0; i < columns.length; i++) {
      const length = columns.byteLength(i)!;
      batches.push({
        partition: columns.partition(i)!,
        count: columns.count(i)!,
        bytes: new Uint8Array(this.payload!, at, length),
      });
      at += length;
    }
    return batches;
  }

  #bytes(at: number, length: number): Uint8Array | null {
    if (length < 0) return null;
    return new Uint8Array(this.payload ?? new ArrayBuffer(0), at, length);
  }
}

/** Bytes of texts one behind the other; those of negative length are null. */
function bytesOf(lengths: Int32Array | null): number {
  return lengths?.reduce((sum, n) => sum + Math.max(0, n), 0) ?? 0;
}
