import type { WindowKernel } from "../kernel/host/window_kernel.ts";
import { type ChunkPlace, isAnyPacked } from "../record/chunk.ts";
import type { ChunkScanner } from "./chunk_scanner.ts";
import { packRowParts, type RowParts, rowGroups } from "./row_part.ts";
import { RowReader } from "./row_reader.ts";
import type { VisitReader } from "./visit_reader.ts";

/** A chunk that all of several shards get, each for the visits that it owns. */
export interface SharedChunk {
  readonly chunk: ChunkPlace;
  /** The time by which all of them judge it: see `ScanMessage`. */
  readonly nowMs: number;
}

/** What finds the rows of a shard in a chunk. */
export interface OwnRowParts {
  /** Makes the scanner when it is needed first; others may use it in between. */
  readonly scanner: () => Pick<ChunkScanner, "scan">;
  readonly shard: number;
}

/**
 * Reads what one of several shards gets: rows that another thread has written for
 * it, or chunks that it scans itself, of which it takes the rows that it owns.
 */
export class OwnRowReader
  extends RowReader
  implements VisitReader<RowParts | SharedChunk>
{
  readonly #parts: OwnRowParts;
  /** Room for the rows of a chunk, those of the others too. */
  #room = new SharedArrayBuffer(0);
  /** Records that the shard owns of the chunk that was opened; null for rows. */
  ownCount: number | null = null;

  constructor(kernel: WindowKernel, parts: OwnRowParts) {
    super(kernel);
    this.#parts = parts;
  }

  /** Throws a `WorldError` when a batch of a chunk is corrupt. */
  override open(part: RowParts | SharedChunk): void {
    this.ownCount = null;
    super.open("chunk" in part ? this.#scan(part) : part);
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
