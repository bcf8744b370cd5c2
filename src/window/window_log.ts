import { RESTORE_DAMAGED, RESTORE_UNKNOWN } from "../kernel/codes.ts";
import type { WindowKernel } from "../kernel/host/window_kernel.ts";
import { takeBatches } from "./kernel_batches.ts";
import { LogRecordError } from "./log_record_error.ts";
import type { LogBatch, LogState, ShardPlace } from "./window_changes.ts";

/** Most bytes of the value of a record: longer messages are several. */
const RECORD_BYTES_MAX = 512 * 1024;
/** What stands in front of a message, and some of it. */
const RECORD_BYTES_MIN = 64;
/** Every window log takes batches of so many bytes. */
const BATCH_BYTES_MAX = 1024 * 1024;
/** The most that can be asked for at once. */
const EXPORT_BYTES_MAX = 2 ** 31;
/** Commits are counted in 31 bits. */
const COMMIT_MAX = 2 ** 31 - 1;

/**
 * What a store writes into the window log, and reads back from it: the kernel
 * does it (`src/kernel/delta`), here is what goes in and out.
 */
export class WindowLog {
  readonly #kernel: WindowKernel;
  /** Makes a call into the kernel. */
  readonly #run: <Result>(call: () => Result) => Result;
  #isKept = false;
  /** The last commit of which something was written. */
  #commit = 0;
  /** Some of that commit is not written yet. */
  #isUnfinished = false;
  /** Some records were read back, and sessions have no deadlines yet. */
  #isRestoring = false;

  constructor(
    kernel: WindowKernel,
    run: <Result>(call: () => Result) => Result,
  ) {
    this.#kernel = kernel;
    this.#run = run;
  }

  /** Throws an `Error` when windows must not change now, for doing `what`. */
  assertIdle(what: string): void {
    if (this.#isUnfinished) {
      throw new Error(`Cannot ${what}: an export of changes is unfinished`);
    }
    if (this.#isRestoring) {
      throw new Error(`Cannot ${what}: restored windows have no deadlines yet`);
    }
  }

  keep(recordBytesMax = RECORD_BYTES_MAX): void {
    if (!(recordBytesMax >= RECORD_BYTES_MIN && recordBytesMax < COMMIT_MAX)) {
      throw new RangeError(
        `Cannot keep changes: ${recordBytesMax} bytes a record must be at least ${RECORD_BYTES_MIN}`,
      );
    }
    if (this.#kernel.calls.openSessions() > 0) {
      throw new Error("Cannot keep changes: there are windows already");
    }
    this.#isKept = true;
    const bytesMax = Math.max(BATCH_BYTES_MAX, 2 * recordBytesMax);
    this.#run(() => this.#kernel.calls.createLog(recordBytesMax, bytesMax));
  }

  get byteLength(): number {
    const { calls } = this.#kernel;
    return calls.batchedBytes(calls.LOG_BATCHES.value) >>> 0;
  }

  export(commit: number, bytesMax: number): boolean {
    this.#assertKept("export changes");
    const isNext = this.#isUnfinished
      ? commit === this.#commit
      : commit >= this.#commit;
    if (!isNext || !Number.isInteger(commit) || !isCommit(commit)) {
      throw new RangeError(
        `Cannot export changes: commit ${commit} does not follow ${this.#commit}`,
      );
    }
    this.#commit = commit;
    const { calls } = this.#kernel;
    const isDone = this.#run(() =>
      calls.exportChanges(commit, Math.min(bytesMax, EXPORT_BYTES_MAX)),
    );
    this.#isUnfinished = isDone === 0;
    return !this.#isUnfinished;
  }

  take(): LogBatch[] {
    return takeBatches(this.#kernel, this.#kernel.calls.LOG_BATCHES.value);
  }

  renew(partition: number, beforeCommit: number, bytesMax: number): void {
    this.#assertKept("renew windows");
    this.assertIdle("renew windows");
    const { calls } = this.#kernel;
    this.#run(() => calls.renewPuts(partition, beforeCommit, bytesMax));
  }

  states(): LogState[] {
    const { calls } = this.#kernel;
    this.assertIdle("tell of the window log");
    if (calls.goneCount() > 0) {
      throw new Error(
        "Cannot tell of the window log: it is not told yet which sessions are gone",
      );
    }
    const states: LogState[] = [];
    for (let p = 0; p < calls.putPartitions(); p++) {
      const oldestCommit = calls.oldestCommitOf(p);
      if (oldestCommit === 0) continue;
      const liveBytes = calls.liveBytesOf(p);
      states.push({ partition: p, oldestCommit, liveBytes });
    }
    return states;
  }

  /** Takes the records of a batch, which end with it. */
  restore(records: Buffer, count: number, place: ShardPlace): void {
    this.#assertKept("restore windows");
    const kernel = this.#kernel;
    const { calls } = kernel;
    const { length } = records;
    const room = this.#run(() => calls.restoreRoom(length)) >>> 0;
    records.copy(kernel.bytes, room);
    this.#isRestoring = true;
    const { shard, shardCount } = place;
    const done = this.#run(() =>
      calls.restoreRecords(length, count, shard, shardCount),
    );
    if (done === RESTORE_UNKNOWN) {
      throw LogRecordError.unknown(calls.unknownKind.value);
    }
    if (done === RESTORE_DAMAGED) {
      const why = "a record does not fit to those before it";
      throw LogRecordError.damaged(why);
    }
  }

  /** Ends what was restored: sessions get their deadlines next. */
  endRestore(): void {
    const { calls } = this.#kernel;
    this.assertExported();
    this.#isRestoring = false;
    this.#run(() => calls.leaveRestoreRoom());
    if (calls.arePiecesLeft() !== 0) {
      throw LogRecordError.damaged("it ends amid a session");
    }
  }

  /** Throws an `Error` when a commit is written in part. */
  assertExported(): void {
    if (!this.#isUnfinished) return;
    throw new Error("Cannot reassign: an export of changes is unfinished");
  }

  /** Forgets what was to be written, and what was restored in part. */
  clear(): void {
    const { calls } = this.#kernel;
    this.#isUnfinished = false;
    this.#isRestoring = false;
    this.#commit = 0;
    this.#run(() => {
      calls.dropExport();
      calls.dropPieces();
      calls.leaveRestoreRoom();
    });
  }

  #assertKept(what: string): void {
    if (!this.#isKept) throw new Error(`Cannot ${what}: none are kept`);
  }
}

function isCommit(commit: number): boolean {
  return commit > 0 && commit <= COMMIT_MAX;
}
