import type { ChunkPlace } from "../record/chunk.ts";
import {
  packRowParts,
  type RowPart,
  type RowParts,
  type SharedChunk,
} from "../wire/messages.ts";
import type { DealtChunk } from "./dealt_chunk.ts";

/**
 * Records of a task of whole chunks at most, bytes: a round of usual visits, with
 * what its last batch brings too much, is two of them. A task costs main some
 * 0.1 ms, full or not.
 */
const CHUNK_TASK_BYTES = 6 * 1024 * 1024;
/** Rows of a task at most, bytes: those of about as many records. */
const ROW_TASK_BYTES = 768 * 1024;
/** Records of a task at most, so that tiny ones do not make a huge one. */
const TASK_RECORDS_MAX = 16_384;
/** Fewer rows than this cost less than their task. */
const SMALL_ROWS = 1024;
/** Parts of a task at most: each takes the clone of a message its time. */
const TASK_PARTS_MAX = 256;

/** Records that were fetched together, for their latencies. */
export interface FetchedRun {
  readonly fetchedAtMs: number;
  readonly count: number;
}

/** Records of one chunk for one shard, which hold the chunk until they are applied. */
export interface TaskPart {
  readonly dealt: DealtChunk;
  readonly count: number;
  /** Of its rows, or of the unpacked records. */
  readonly byteLength: number;
  /** The whole chunk, rows of it, or what all shards get: then count is of all. */
  readonly place: ChunkPlace | RowPart | SharedChunk;
}

/** Records of a chunk. */
interface CountedRecords {
  readonly dealt: DealtChunk;
  readonly count: number;
}

/** What a task carries, in the order in which it was taken. */
interface TaskLoad {
  readonly chunks: readonly ChunkPlace[];
  readonly rows: RowParts;
  readonly shared: readonly SharedChunk[];
  /** Chunks that are held: one each time that the task has something of it. */
  readonly held: readonly DealtChunk[];
  /** None while it is not known how many records of shared chunks it has. */
  readonly runs: readonly FetchedRun[];
}

/** Bytes of a usual task for one of so many shards: one alone gets whole chunks. */
export function taskBytes(shardCount: number): number {
  return shardCount === 1 ? CHUNK_TASK_BYTES : ROW_TASK_BYTES;
}

/** The next task of one shard while it is filled. */
export class TaskBatch {
  readonly #bytesMax: number;
  #parts: TaskPart[] = [];
  #byteLength = 0;
  count = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** True when it is hardly worth a task: a few rows, and no whole chunk. */
  get isSmall(): boolean {
    const place = this.#parts[0]?.place;
    const isWhole = place !== undefined && "starts" in place;
    return !isWhole && this.count < SMALL_ROWS;
  }

  /** True when the part goes behind what is there, as anything does behind nothing. */
  fits({ byteLength, count, place }: TaskPart): boolean {
    const first = this.#parts[0];
    if (first === undefined) return true;
    return (
      "chunk" in place === "chunk" in first.place &&
      this.#byteLength + byteLength <= this.#bytesMax &&
      this.count + count <= TASK_RECORDS_MAX &&
      this.#parts.length < TASK_PARTS_MAX
    );
  }

  /** Appends a part that fits; its chunk is held from now on. */
  add(part: TaskPart): void {
    part.dealt.hold();
    this.#parts.push(part);
    this.#byteLength += part.byteLength;
    this.count += part.count;
  }

  /** Takes all out. */
  take(): TaskLoad {
    const parts = this.#parts;
    this.#parts = [];
    this.#byteLength = 0;
    this.count = 0;
    const chunks: ChunkPlace[] = [];
    const rows: RowPart[] = [];
    const shared: SharedChunk[] = [];
    for (const { place } of parts) {
      if ("starts" in place) chunks.push(place);
      else if ("chunk" in place) shared.push(place);
      else rows.push(place);
    }
    const held = parts.map(({ dealt }) => dealt);
    const runs = shared.length > 0 ? [] : runsOf(parts);
    return { chunks, rows: packRowParts(rows), shared, held, runs };
  }
}

/** When so many records of each were fetched, in this order. */
export function runsOf(parts: Iterable<CountedRecords>): FetchedRun[] {
  const runs: { fetchedAtMs: number; count: number }[] = [];
  for (const { dealt, count } of parts) {
    if (count === 0) continue;
    const { fetchedAtMs } = dealt.chunk;
    const last = runs.at(-1);
    if (last?.fetchedAtMs === fetchedAtMs) last.count += count;
    else runs.push({ fetchedAtMs, count });
  }
  return runs;
}
