import {
  REPORT_BYTES_MAX,
  type SessionEncoder,
} from "../sink/encode/session_encoder.ts";
import type { VisitReader } from "../window/visit_reader.ts";
import type { LogBatch, WindowChanges } from "../window/window_changes.ts";
import {
  CLOSE_REASONS,
  type FiredSession,
  type StoreOutput,
  type WindowStore,
} from "../window/window_store.ts";
import {
  COUNTERS,
  type CounterName,
  closedFor,
  counterIndex,
  rejectedByCode,
} from "../wire/counters.ts";
import type { TaskMessage } from "../wire/messages.ts";
import { NO_ANSWERS, type ShardAnswer } from "../wire/orders.ts";
import type { ShardOptions } from "./shard_options.ts";
import { SIDE_LATE, SIDE_OVERSIZED, SideRecords } from "./side_records.ts";

/** Reports on their way at once: to the outputs, and of the tasks under way. */
const REPORTS_A_SHARD = 4;
/** Smaller reports are not worth their task. */
const REPORT_BYTES_MIN = 16 * 1024;
const NO_BYTES = new Uint8Array(0);
const NO_BATCHES: readonly LogBatch[] = [];

/** What `ShardOutput` is told once. */
type OutputOptions = Pick<
  ShardOptions,
  "keepLate" | "keepRejected" | "outputBytes"
>;

/** Bytes after which a shard with such a share of the limit reports. */
function reportBytes(outputBytes: number): number {
  const share = Math.floor(outputBytes / REPORTS_A_SHARD);
  return Math.min(REPORT_BYTES_MAX, Math.max(REPORT_BYTES_MIN, share));
}

/** Collects what a shard puts out for its next report. */
export class ShardOutput implements StoreOutput {
  readonly encoder: SessionEncoder;
  readonly sides = new SideRecords();
  /** In the order of `COUNTERS`, since the last report. */
  readonly counters = new Float64Array(COUNTERS.length);
  /** What came of orders since the last report. */
  answers: ShardAnswer[] = [];
  generationTime = "";
  /** Bytes after which a report is sent; less may wait for the next. */
  readonly reportBytes: number;
  readonly #keepLate: boolean;
  readonly #keepRejected: boolean;
  /** Has the visits that `late` and `reject` speak of. */
  readonly #reader: VisitReader<TaskMessage>;
  readonly #store: Pick<WindowStore, "takeFirings">;
  readonly #changes: WindowChanges | null;
  #fullBytes: number;

  /** `changes`: those of the store, if they are kept. */
  constructor(
    encoder: SessionEncoder,
    reader: VisitReader<TaskMessage>,
    options: OutputOptions & {
      readonly store: Pick<WindowStore, "takeFirings">;
      readonly changes?: WindowChanges | null;
    },
  ) {
    this.encoder = encoder;
    this.#reader = reader;
    this.#store = options.store;
    this.#changes = options.changes ?? null;
    this.#keepLate = options.keepLate;
    this.#keepRejected = options.keepRejected;
    this.reportBytes = reportBytes(options.outputBytes);
    this.#fullBytes = this.reportBytes;
  }

  /** Begins a stretch of work, which is to end when it has put out enough. */
  begin(): void {
    this.#fullBytes = this.byteLength + this.reportBytes;
    this.encoder.allow(this.reportBytes);
  }

  /** Bytes that wait for a report. */
  get byteLength(): number {
    return this.encoder.byteLength + this.sides.byteLength;
  }

  /** Bytes that changes may still take up in the report that is made. */
  get bytesLeft(): number {
    const changeBytes = this.#changes?.changeBytes ?? 0;
    return this.#fullBytes - this.byteLength - changeBytes;
  }

  get isFull(): boolean {
    return (
      this.byteLength >= this.#fullBytes ||
      this.sides.codes.length >= this.reportBytes / 64
    );
  }

  /** Counts so many more. */
  count(name: CounterName, by = 1): void {
    this.counters[counterIndex(name)]! += by;
  }

  emit(value: Buffer, valueLength: number, session: FiredSession): void {
    this.encoder.add(value, valueLength, session);
  }

  late(index: number): void {
    this.count("late");
    if (!this.#keepLate) return;
    this.#keep(index, SIDE_LATE);
  }

  /** Takes the record at `index` as rejected, for the reason of `code`. */
  reject(index: number, code: number): void {
    this.count("rejected");
    this.count(rejectedByCode(code));
    if (this.#keepRejected) this.#keep(index, code);
    else this.sides.setExample(index, code, this.#reader.visits);
  }

  #keep(index: number, code: number): void {
    const { visits } = this.#reader;
    const { key, value } = this.#reader.record(index);
    this.sides.addRecord(index, code, { visits, key, value });
  }

  /** Takes over what the encoder has counted, and what was too large for it. */
  collectEncoded(): void {
    const { sessions, newVisits } = this.encoder.takeCounts();
    this.count("sessions", sessions);
    this.count("visitsInSessions", newVisits);
    const { byReason, revisions } = this.#store.takeFirings();
    this.count("revisions", revisions);
    for (const [code, reason] of CLOSE_REASONS.entries()) {
      this.count(closedFor(reason), byReason[code]!);
    }
    for (const session of this.encoder.takeOversized()) {
      this.count("oversized");
      const metadata = Buffer.from(`${JSON.stringify(session.metadata)}\n`);
      const kept = this.#keepRejected ? session.value : NO_BYTES;
      const value = Buffer.concat([metadata, kept]);
      this.sides.addOwn(SIDE_OVERSIZED, Buffer.from(session.key), value);
    }
  }

  /** What was written of the changes, for the report that is made. */
  takeChanges(): readonly LogBatch[] {
    const changes = this.#changes;
    if (changes === null || changes.changeBytes === 0) return NO_BATCHES;
    return changes.takeChanges();
  }

  /** Begins to count anew. */
  clearCounters(): void {
    this.counters.fill(0);
  }

  /** The answers that go with the report that is made. */
  takeAnswers(): readonly ShardAnswer[] {
    if (this.answers.length === 0) return NO_ANSWERS;
    const { answers } = this;
    this.answers = [];
    return answers;
  }
}
