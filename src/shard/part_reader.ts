import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import type { ChunkPlace } from "../record/chunk.ts";
import type { SharedChunk } from "../window/own_row_reader.ts";
import { countRowParts, type RowParts } from "../window/row_part.ts";
import type { RecordContents, VisitReader } from "../window/visit_reader.ts";
import type { TaskMessage } from "../wire/messages.ts";

/** Where a shard gets the visits of its tasks from. */
export interface TaskReader extends VisitReader<TaskMessage> {
  /**
   * By chunk that was opened since the last call and that all shards have: how
   * many of its records are this one's.
   */
  takeOwned(): readonly number[];
}

/** A form in which the visits of a task can be. */
interface PartForm<Part> {
  readonly name: keyof TaskMessage;
  /** What is read one after the other. */
  partsOf(message: TaskMessage): readonly Part[];
  /** Number of parts that are of another form. */
  countOthers(message: TaskMessage): number;
}

/** Chunks, as the only shard gets them. */
export const CHUNKS: PartForm<ChunkPlace> = {
  name: "chunks",
  partsOf: ({ chunks }) => chunks,
  countOthers: ({ rows, shared }) => countRowParts(rows) + shared.length,
};

/** Rows that other threads have made of chunks, or small chunks for all. */
export const ROWS: PartForm<RowParts | SharedChunk> = {
  name: "rows",
  partsOf: ({ rows, shared }) => (shared.length > 0 ? shared : [rows]),
  countOthers: ({ chunks }) => chunks.length,
};

/** Reads one part; `ownCount` is as `OwnRowReader` has it. */
type PartSource<Part> = VisitReader<Part> & {
  readonly ownCount?: number | null;
};

/** Reads the parts of a task, which are all of one form, one after the other. */
export class PartReader<Part> implements TaskReader {
  readonly #reader: PartSource<Part>;
  readonly #form: PartForm<Part>;
  #parts: readonly Part[] = [];
  #nowMs = 0;
  /** Parts that were opened. */
  #opened = 0;
  readonly #owned: number[] = [];

  constructor(reader: PartSource<Part>, form: PartForm<Part>) {
    this.#reader = reader;
    this.#form = form;
  }

  get visits(): VisitColumns {
    return this.#reader.visits;
  }

  get recordBytes(): number {
    return this.#reader.recordBytes;
  }

  takeOwned(): readonly number[] {
    return this.#owned.splice(0);
  }

  get rejected(): readonly number[] {
    return this.#reader.rejected;
  }

  /** Throws an `Error` for a task with parts of another form. */
  open(message: TaskMessage, nowMs: number): void {
    const form = this.#form;
    const others = form.countOthers(message);
    if (others > 0) {
      throw new Error(
        `Cannot read task: it has ${others} parts that are not ${form.name}`,
      );
    }
    this.#parts = form.partsOf(message);
    this.#nowMs = nowMs;
    this.#opened = 0;
    // Those of an earlier task are applied.
    this.visits.count = 0;
  }

  next(): boolean {
    while (this.#opened === 0 || !this.#reader.next()) {
      const part = this.#parts[this.#opened];
      if (part === undefined) return false;
      this.#opened++;
      this.#reader.open(part, this.#nowMs);
      const { ownCount = null } = this.#reader;
      if (ownCount !== null) this.#owned.push(ownCount);
    }
    return true;
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
}
