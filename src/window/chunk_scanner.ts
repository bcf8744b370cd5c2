import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { type ChunkPlace, isAnyPacked } from "../record/chunk.ts";
import { ChunkReader } from "./chunk_reader.ts";
import { type RowOwners, RowWriter } from "./row_writer.ts";
import { SharedRoom } from "./shared_room.ts";
import type { VisitRules } from "./visit_judge.ts";

/** A chunk that a thread is to scan for those that own its visits. */
export interface ScanMessage {
  readonly chunk: ChunkPlace;
  /** Stands in for the time that a record has not, ms since the epoch. */
  readonly nowMs: number;
  /** Room for the rows. */
  readonly out: SharedArrayBuffer;
  /** Room for records that have to be unpacked; null when nobody keeps any. */
  readonly records: SharedArrayBuffer | null;
}

/** What came of it. */
export interface ScanAnswer {
  /**
   * Four numbers a group of rows: the shard that owns them, where they begin in
   * `out`, how many bytes and how many rows they are. Those of a shard are in
   * the order of the chunk. A rejected record is a row of shard 0.
   */
  readonly groups: Int32Array;
  /** Takes the place of a room that was too small; else null. */
  readonly out: SharedArrayBuffer | null;
  /** Where the records of the rows are; null when that is the chunk's memory. */
  readonly records: SharedArrayBuffer | null;
  /** Bytes of the records that were read, unpacked. */
  readonly recordBytes: number;
}

/** Scans chunks into rows for the shards that own them. */
export class ChunkScanner {
  readonly #reader: ChunkReader;
  readonly #rows: RowWriter;

  /** Without a kernel, it gets one; with one, no other may use it. */
  constructor(
    rules: VisitRules,
    owners: RowOwners,
    kernel = new WindowKernel(),
  ) {
    this.#reader = new ChunkReader(rules, kernel);
    this.#rows = new RowWriter(kernel, owners);
  }

  /** Scans a chunk. Throws a `WorldError` when a batch of it is corrupt. */
  scan({ chunk, nowMs, out, records }: ScanMessage): ScanAnswer {
    const { memory, starts } = chunk;
    const isCopied =
      records !== null && isAnyPacked(Buffer.from(memory), starts);
    const copies = isCopied ? new SharedRoom(records) : null;
    const reader = this.#reader;
    const rows = this.#rows;
    let recordBytes = 0;
    rows.open(out);
    reader.open(chunk, nowMs);
    while (reader.next()) {
      const { range } = reader;
      recordBytes += range.end - range.start;
      rows.add(copies === null ? range.start : copyOf(range, copies));
    }
    const { groups, memory: written } = rows.close();
    return {
      groups,
      out: written === out ? null : written,
      records: copies?.memory ?? null,
      recordBytes,
    };
  }
}

/** Copies records behind the others; returns where they begin there. */
function copyOf(range: ChunkReader["range"], room: SharedRoom): number {
  const { bytes, start, end } = range;
  // Most often all of the batch follows.
  const at = room.append(end - start, bytes.length - end);
  bytes.copy(room.bytes, at, start, end);
  return at;
}
