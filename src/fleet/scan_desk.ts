import { isAnyPacked, placeOf } from "../record/chunk.ts";
import type { Frame } from "../record/frame_pool.ts";
import {
  type RowGroup,
  type RowPart,
  rowGroups,
  type ScanAnswer,
  type ScanMessage,
} from "../wire/messages.ts";
import { type DealtChunk, wrongCount } from "./dealt_chunk.ts";
import { ScanBuffers } from "./scan_buffers.ts";
import type { TaskPart } from "./task_batch.ts";

/**
 * Bytes of rows for each byte that a chunk claims to unpack to, before any were
 * seen: mostly less.
 */
const ROWS_SHARE = 1 / 2;
/** Bytes that a packed chunk becomes for each that it claims. */
const UNPACKED_SHARE = 1;

/** What a scan is told beside its chunk. */
export interface ScanOptions {
  /** As it is named when its records cannot be read. */
  readonly topic: string;
  /** Late visits or rejected records are kept: rows must lead back to them. */
  readonly keepsRecords: boolean;
  /** Records that are under way at most, unpacked: see `InFlight`. */
  readonly inFlightLimitBytes: number;
}

/** A chunk that a thread scans, and the memory for what it makes of it. */
export interface Scan {
  readonly message: ScanMessage;
  readonly rows: Frame;
  readonly records: Frame | null;
}

/** What one shard gets of a chunk. */
export interface Group {
  readonly shard: number;
  readonly part: TaskPart;
}

/** Writes the orders of scans, and reads their answers. */
export class ScanDesk {
  readonly #options: ScanOptions;
  readonly #rowBuffers: ScanBuffers;
  readonly #recordBuffers: ScanBuffers;

  constructor(options: ScanOptions) {
    this.#options = options;
    const { inFlightLimitBytes } = options;
    // As much as is in use when there is most to do.
    const rowBytes = inFlightLimitBytes * ROWS_SHARE;
    this.#rowBuffers = new ScanBuffers(ROWS_SHARE, rowBytes);
    this.#recordBuffers = new ScanBuffers(UNPACKED_SHARE, inFlightLimitBytes);
  }

  /** The order to scan a chunk at this time, ms. */
  order({ chunk, claimedBytes }: DealtChunk, nowMs: number): Scan {
    const { topic, keepsRecords } = this.#options;
    const { bytes, starts } = chunk;
    const rows = this.#rowBuffers.take(claimedBytes);
    const needsRoom = keepsRecords && isAnyPacked(bytes, starts);
    const records = needsRoom ? this.#recordBuffers.take(claimedBytes) : null;
    const message = {
      ...{ chunk: placeOf(chunk, topic), nowMs },
      out: rows.memory,
      records: records === null ? null : records.memory,
    };
    return { message, rows, records };
  }

  /**
   * What the shards get of a chunk, as its scan has answered. Throws when that
   * is not each of its records once.
   */
  read(dealt: DealtChunk, scan: Scan, answer: ScanAnswer): Group[] {
    const { chunk } = dealt;
    const { recordBytes } = answer;
    const groups = rowGroups(answer.groups);
    const count = groups.reduce((sum, group) => sum + group.count, 0);
    const rowBytes = groups.reduce((sum, group) => sum + group.byteLength, 0);
    if (count !== chunk.count) throw wrongCount(chunk, count);
    this.#rowBuffers.learn(dealt.claimedBytes, rowBytes);
    dealt.keep(this.#rowBuffers.used(scan.rows, answer.out));
    const keptBytes = this.#keepRecords(dealt, scan, answer);
    dealt.unpacked(recordBytes, keptBytes);
    return groupsOf(dealt, groups, {
      memory: answer.out ?? scan.message.out,
      records: this.#recordsOf(scan, answer),
    });
  }

  /** Keeps the unpacked bytes that rows lead back to; returns their number. */
  #keepRecords(dealt: DealtChunk, scan: Scan, answer: ScanAnswer): number {
    const { records } = scan;
    if (records === null) return 0;
    this.#recordBuffers.learn(dealt.claimedBytes, answer.recordBytes);
    dealt.keep(this.#recordBuffers.used(records, answer.records));
    return answer.records === null ? 0 : answer.recordBytes;
  }

  /** Where the places of rows count; null when nobody asks for records. */
  #recordsOf({ message }: Scan, { records }: ScanAnswer) {
    if (!this.#options.keepsRecords) return null;
    return records ?? message.chunk.memory;
  }
}

function groupsOf(
  dealt: DealtChunk,
  groups: readonly RowGroup[],
  source: Pick<RowPart, "memory" | "records">,
): Group[] {
  const { partition } = dealt.chunk;
  return groups.map(({ shard, at, byteLength, count }) => {
    const place = { partition, at, byteLength, count, ...source };
    return { shard, part: { dealt, count, byteLength, place } };
  });
}
