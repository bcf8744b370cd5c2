import type { WantedPartition } from "../source.ts";
import {
  MAX_RESPONSE_BYTES,
  type PartitionPosition,
} from "./partition_position.ts";
import type { PartitionTable } from "./partition_table.ts";

/** Bytes that the partition whose turn it is may have waiting. */
const TURN_BYTES = 2 * MAX_RESPONSE_BYTES;
/** Bytes that each of the next ones may have waiting, and all others together. */
const LATER_BYTES = MAX_RESPONSE_BYTES;
const ALL_LATER_BYTES = 2 * MAX_RESPONSE_BYTES;
/** Less is not worth a request. */
const LEAST_BYTES = 64 * 1024;
/** Batches end where they do: so much more is asked for than is wanted. */
const MARGIN = 1 / 16;

/**
 * What is asked for in a run that reads partitions in turn: the one whose turn
 * it is, as long as little of it waits, and those whose turn comes next, up to a
 * number of bytes. A request asks for one of them, and each is counted apart: so
 * nothing that waits for its turn stands in the way of what is wanted now.
 */
export class ReadingOrder {
  #wanted: readonly WantedPartition[] | null = null;
  /** Somebody waits for records that are not there. */
  isAwaited = false;

  /** False while all partitions are read as they come. */
  get isSet(): boolean {
    return this.#wanted !== null;
  }

  /** The partition whose turn it is; null when there is none. */
  get turn(): number | null {
    return this.#wanted?.[0]?.partition ?? null;
  }

  /** Takes the order from here on. */
  set(wanted: readonly WantedPartition[]): void {
    this.#wanted = wanted;
  }

  /**
   * True when somebody waits for the partition whose turn it is, and nothing of
   * it is there or on its way: what is held of others must not keep it out.
   */
  isStarved(table: PartitionTable): boolean {
    const { turn, isAwaited } = this;
    if (!isAwaited || turn === null) return false;
    const position = table.find(turn);
    return position?.isInFlight === false && position.queuedBytes === 0;
  }

  /** The position that the next request to `node` asks for; none for nothing. */
  plan(table: PartitionTable, node: number): PartitionPosition[] {
    for (const { partition, records } of this.#wanted ?? []) {
      const position = table.find(partition);
      if (!position?.isFetchable(node)) continue;
      const missing = records - position.queuedRecords;
      if (missing <= 0 || !this.#hasRoom(table, position)) continue;
      position.maxBytes = bytesOf(missing, position.recordBytes);
      return [position];
    }
    return [];
  }

  #hasRoom(
    table: PartitionTable,
    { partition, queuedBytes }: PartitionPosition,
  ) {
    if (partition === this.turn) return queuedBytes < TURN_BYTES;
    return (
      queuedBytes < LATER_BYTES && this.#laterBytes(table) < ALL_LATER_BYTES
    );
  }

  /** Bytes that wait for their turn, or are on their way and will. */
  #laterBytes(table: PartitionTable): number {
    let bytes = 0;
    for (const { partition, queuedBytes, isInFlight, maxBytes } of table.all) {
      if (partition === this.turn) continue;
      bytes += queuedBytes + (isInFlight ? maxBytes : 0);
    }
    return bytes;
  }
}

/** Bytes to ask for, for so many records. */
function bytesOf(records: number, recordBytes: number): number {
  if (recordBytes === 0) return MAX_RESPONSE_BYTES;
  const bytes = Math.ceil(records * recordBytes * (1 + MARGIN));
  return Math.min(MAX_RESPONSE_BYTES, Math.max(LEAST_BYTES, bytes));
}
