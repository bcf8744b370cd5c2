import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import type { ChunkPlace } from "../record/chunk.ts";
import { countRowParts, type RowParts } from "../window/row_part.ts";
import type { RecordContents, VisitReader } from "../window/visit_reader.ts";
import type { TaskMessage } from "../wire/messages.ts";

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
  countOthers: ({ rows }) => countRowParts(rows),
};

/** Rows that other threads have made of chunks. */
export const ROWS: PartForm<RowParts> = {
  name: "rows",
  partsOf: ({ rows }) => [rows],
  countOthers: ({ chunks }) => chunks.length,
};

/** Reads the parts of a task, which are all of one form, one after the other. */
export class PartReader<Part> implements VisitReader<TaskMessage> {
  readonly #reader: VisitReader<Part>;
  readonly #form: PartForm<Part>;
  #parts: readonly Part[] = [];
  #nowMs = 0;
  /** Parts that were opened. */
  #opened = 0;

  constructor(reader: VisitReader<Part>, form: PartForm<Part>) {
    this.#reader = reader;
    this.#form = form;
  }

  get visits(): VisitColumns {
    return this.#reader.visits;
  }

  get recordBytes(): number {
    return this.#reader.recordBytes;
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
