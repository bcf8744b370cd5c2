import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { RecordReader } from "../../src/record/record_reader.ts";
import { createReader } from "../../src/shard/create_shard.ts";
import { SessionShard } from "../../src/shard/session_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import { createEncoder } from "../../src/sink/encode/create_encoder.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import { VISIT } from "../../src/window/rejection.ts";
import type {
  LogBatch,
  LogState,
  ShardPlace,
  WindowChanges,
} from "../../src/window/window_changes.ts";
import type {
  StoreOutput,
  WindowStore,
} from "../../src/window/window_store.ts";
import { ForwardingStore } from "./forwarding_store.ts";
import { buildBatch } from "./record_batch_builder.ts";

/** A visit as a noting store writes it into the log. */
export interface Note {
  readonly partition: number;
  readonly offset: number;
}

/** What a record of the log of a noting store says. */
export interface LoggedNote extends Note {
  readonly commit: number;
}

/** Bytes of a record, about. */
const NOTE_BYTES = 600;

/**
 * The kernel's store, whose log is simply all visits that it was given, late or
 * not, each in a record: so a test sees what is before a barrier and what behind.
 */
export class NotingStore
  extends ForwardingStore<WindowStore>
  implements WindowChanges
{
  #isNoting = false;
  #notes: Note[] = [];
  #written: LoggedNote[] = [];
  #commit = 0;
  /** Calls that only a log gets, in order. */
  readonly calls: string[] = [];
  /** What came back since the last clear. */
  restored: LoggedNote[] = [];

  override get openSessions(): number {
    return this.store.openSessions + this.restored.length;
  }
  override get unfiredVisits(): number {
    return this.store.unfiredVisits + this.restored.length;
  }
  get changeBytes(): number {
    return this.#written.length * NOTE_BYTES;
  }

  override applyVisits(
    visits: VisitColumns,
    from: number,
    out: StoreOutput,
  ): number {
    const end = this.store.applyVisits(visits, from, out);
    for (let row = from; this.#isNoting && row < end; row++) {
      if (visits.outcome[row] !== VISIT) continue;
      const partition = visits.partition[row]!;
      this.#notes.push({ partition, offset: visits.offset[row]! });
    }
    return end;
  }

  override reassign(dropped: ReadonlySet<number>, watermarkMs: number): void {
    this.calls.push(`reassign ${[...dropped]} at ${watermarkMs}`);
    this.store.reassign(dropped, watermarkMs);
  }

  keepChanges(): void {
    this.#isNoting = true;
  }

  exportChanges(commit: number, bytesMax: number): boolean {
    this.#commit = commit;
    const count = Math.max(1, Math.floor(bytesMax / NOTE_BYTES));
    const notes = this.#notes.splice(0, count);
    this.#written.push(...notes.map((note) => ({ ...note, commit })));
    return this.#notes.length === 0;
  }

  takeChanges(): readonly LogBatch[] {
    const written = this.#written.splice(0);
    const partitions = new Set(written.map(({ partition }) => partition));
    return [...partitions].map((partition) => {
      const notes = written.filter((note) => note.partition === partition);
      const records = notes.map((note) => {
        const text = JSON.stringify(note);
        return { key: null, value: text.padEnd(NOTE_BYTES - 10) };
      });
      const bytes = buildBatch({ baseOffset: 0, records });
      return { partition, count: notes.length, bytes };
    });
  }

  logStates(): readonly LogState[] {
    return [{ partition: 0, oldestCommit: this.#commit, liveBytes: 7 }];
  }

  renew(partition: number, beforeCommit: number, bytesMax: number): void {
    this.calls.push(`renew ${partition} before ${beforeCommit}: ${bytesMax}`);
  }

  clear(): void {
    this.calls.push("clear");
    const all = new Set(Array.from({ length: 100 }, (_, i) => i));
    this.store.reassign(all, -Infinity);
    this.#notes = [];
    this.restored = [];
  }

  restore(records: Buffer, count: number, owner: ShardPlace): void {
    this.calls.push(`restore ${count} for ${owner.shard}/${owner.shardCount}`);
    this.restored.push(...readNotes(records, count));
  }
}

/** What the records say; all bytes must be theirs. */
export function readNotes(records: Buffer, count: number): LoggedNote[] {
  const reader = new RecordReader();
  const notes: LoggedNote[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (!reader.read(records, at, records.length)) {
      throw new Error(`Cannot read note ${i} of ${count}`);
    }
    const { valueStart, valueLength, end } = reader;
    const value = records.toString(
      "utf8",
      valueStart,
      valueStart + valueLength,
    );
    notes.push(JSON.parse(value) as LoggedNote);
    at = end;
  }
  if (at !== records.length)
    throw new Error("Cannot read notes: bytes are left");
  return notes;
}

/** A real shard whose log is the visits that it is given. */
export function notingShard(options: ShardOptions) {
  const kernel = new WindowKernel();
  const store = new NotingStore(new KernelStore(options.window, kernel));
  const shard = new SessionShard(options, {
    ...{ store, changes: store },
    reader: createReader(options, kernel),
    encoder: createEncoder(options.encoder, kernel),
  });
  return { shard, store };
}
