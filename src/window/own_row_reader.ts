import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import { type ChunkPlace, isAnyPacked } from "../record/chunk.ts";
import type { ChunkScanner } from "./chunk_scanner.ts";
import { packRowParts, type RowParts, rowGroups } from "./row_part.ts";
import type { RowReader } from "./row_reader.ts";
import type { RecordContents, VisitReader } from "./visit_reader.ts";

/** A chunk that all of several shards get, each for the visits that it owns. */
export interface SharedChunk {
  readonly chunk: ChunkPlace;
  /** The time by which all of them judge it: see `ScanMessage`. */
  readonly nowMs: number;
}

/** What it reads with. */
export interface OwnRowParts {
  readonly reader: RowReader;
  /** Makes the scanner when it is needed first; others may use it in between. */
  readonly scanner: () => Pick<ChunkScanner, "scan">;
  readonly shard: number;
}

/**
 * Reads what one of several shards gets: rows that another thread has written for
 * it, or chunks that it scans itself, of which it takes the rows that it owns.
 */
export class OwnRowReader implements VisitReader<RowParts | SharedChunk> {
  readonly #parts: OwnRowParts;
  readonly #reader: RowReader;
  readonly recordBytes = 0;
  /** Room for the rows of a chunk, those of the others too. */
  #room = new SharedArrayBuffer(0);
  /** Records that the shard owns of the chunk that was opened; null for rows. */
  ownCount: number | null = null;

  constructor(parts: OwnRowParts) {
    this.#parts = parts;
    this.#reader = parts.reader;
  }

  get visits(): VisitColumns {
    return this.#reader.visits;
  }

  get rejected(): readonly number[] {
    return this.#reader.rejected;
  }

  /** Throws a `WorldError` when a batch of a chunk is corrupt. */
  open(part: RowParts | SharedChunk): void {
    this.ownCount = null;
    this.#reader.open("chunk" in part ? this.#scan(part) : part);
  }

  next(): boolean {
    return this.#reader.next();
  }

  tellClocks(observe: (partition: number, ms: number) => void): void {
    this.#reader.tellClocks(observe);
  }

  findForeign(shard: number, shardCount: number): number {
    return this.#reader.findForeign(shard, shardCount);
  }

  record(row: number): RecordContents {
    return this.#reader.record(row);
  }

  /** The shard's rows of a chunk; they are valid until the next call. */
  #scan({ chunk, nowMs }: SharedChunk): RowParts {
    const { scanner, shard } = this.#parts;
    const out = this.#room;
    const answer = scanner().scan({ chunk, nowMs, out, records: null });
    this.#room = answer.out ?? out;
    const own = rowGroups(answer.groups).filter((each) => each.shard === shard);
    this.ownCount = own.reduce((sum, { count }) => sum + count, 0);
    const { partition, memory, starts } = chunk;
    // What is unpacked is gone: nobody asks for it.
    const records = isAnyPacked(Buffer.from(memory), starts) ? null : memory;
    const place = { partition, memory: this.#room, records };
    return packRowParts(own.map((group) => ({ ...group, ...place })));
  }
}
