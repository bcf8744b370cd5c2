import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import type { RecordContents, VisitReader } from "../window/visit_reader.ts";
import type { TaskMessage } from "../wire/messages.ts";

/** The forms in which the visits of a task can be. */
type PartForm = "chunks" | "rows";

/** Reads the parts of a task, which are all of one form, one after the other. */
export class PartReader<Form extends PartForm>
  implements VisitReader<TaskMessage>
{
  readonly #reader: VisitReader<TaskMessage[Form][number]>;
  readonly #form: Form;
  #parts: TaskMessage[Form] | readonly never[] = [];
  #nowMs = 0;
  /** Parts that were opened. */
  #opened = 0;

  constructor(reader: VisitReader<TaskMessage[Form][number]>, form: Form) {
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
    const parts = message[this.#form];
    const others = message.chunks.length + message.rows.length - parts.length;
    if (others > 0) {
      throw new Error(
        `Cannot read task: it has ${others} parts that are not ${this.#form}`,
      );
    }
    this.#parts = parts;
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
