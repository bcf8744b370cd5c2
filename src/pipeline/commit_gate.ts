import { publishPoint } from "../checkpoint/commit_points.ts";
import type { ShardReport } from "../fleet/shard_report.ts";
import type { SessionChunk } from "../wire/messages.ts";

/** What decides when a report goes to the outputs. */
export interface OutputGate {
  /**
   * null: the report may go out at once. Else this resolves to whether it may
   * when that is known: false for one that is dropped.
   */
  admit(report: ShardReport): Promise<boolean> | null;
  /** Writes what has changed in the windows into their log. */
  log(deltas: readonly SessionChunk[]): Promise<void>;
  /** A report's output is handed to the outputs: resolves when they have it. */
  wrote(written: Promise<unknown>): void;
  /** When what is handed over now counts; null: when it is acknowledged. */
  readonly committed: Promise<void> | null;
}

/** How a gate works. */
export interface CommitGateOptions {
  readonly shardCount: number;
  /**
   * True when outputs are of the transaction: what is put out behind a barrier
   * then waits for the next one.
   */
  readonly holds: boolean;
  /** Writes record batches to the window log. */
  log(batches: readonly SessionChunk[]): Promise<void>;
}

/** A report that waits. */
type Wake = (mayGo: boolean) => void;

/**
 * Sorts reports by commits. A shard's reports up to the one that answers the
 * barrier are of the commit, those behind it wait until that has ended. Between
 * two assignments all are dropped.
 */
export class CommitGate implements OutputGate {
  readonly #options: CommitGateOptions;
  /** By shard: it has answered the barrier of the commit that goes on. */
  readonly #isBehind: boolean[];
  /** What the outputs do not have yet. */
  readonly #writes = new Set<Promise<unknown>>();
  #waiting: Wake[] = [];
  #logBytes = new Map<number, number>();
  #transaction = Promise.withResolvers<void>();
  #isDropping = true;
  #commit = 0;
  #isCommitting = false;
  /** Something was put out that is of the next commit. */
  hasOutput = false;
  /** Something is in the transaction that goes on. */
  hasWritten = false;

  constructor(options: CommitGateOptions) {
    this.#options = options;
    this.#isBehind = new Array(options.shardCount).fill(false);
  }

  get committed(): Promise<void> | null {
    return this.#options.holds ? this.#transaction.promise : null;
  }

  admit(report: ShardReport): Promise<boolean> | null {
    if (this.#isDropping) return Promise.resolve(false);
    const { shard, answers, payload } = report;
    const isBehind = this.#isBehind[shard]!;
    if (answers.some(({ kind }) => kind === "barrier")) {
      this.#isBehind[shard] = true;
    }
    if (payload === null) return null;
    this.hasOutput ||= isBehind || !this.#isCommitting;
    if (!isBehind || !this.#options.holds) return null;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async log(deltas: readonly SessionChunk[]): Promise<void> {
    for (const { partition, bytes } of deltas) {
      const before = this.#logBytes.get(partition) ?? 0;
      this.#logBytes.set(partition, before + bytes.length);
    }
    await this.#options.log(deltas);
  }

  wrote(written: Promise<unknown>): void {
    const isFirst = !this.hasWritten;
    if (isFirst) publishPoint("first-produce", "before", this.#commit + 1);
    this.hasWritten = true;
    this.#writes.add(written);
    const settle = () => this.#writes.delete(written);
    written.then(settle, settle);
    if (isFirst) publishPoint("first-produce", "after", this.#commit + 1);
  }

  /** A commit begins: what is put out from here on makes the next one due. */
  begin(commit: number): void {
    this.#commit = commit;
    this.#isCommitting = true;
    this.hasOutput = false;
  }

  /**
   * All shards have answered the barrier. Returns the bytes of deltas by
   * partition of the log.
   */
  takeLogBytes(): ReadonlyMap<number, number> {
    if (this.#isBehind.includes(false)) {
      throw new Error(
        "Cannot end commit: a shard has not answered its barrier",
      );
    }
    const bytes = this.#logBytes;
    this.#logBytes = new Map();
    return bytes;
  }

  /** Resolves when the outputs have what they were given so far. */
  async written(): Promise<void> {
    await Promise.all(this.#writes);
  }

  /** The commit is committed: what waits is of the next one. */
  release(): void {
    this.#transaction.resolve();
    this.#reset();
    this.#wake(true);
  }

  /** The commit is committed, and the last one: what waits is dropped. */
  end(): void {
    this.#transaction.resolve();
    this.#reset();
    this.drop();
  }

  /** From here on all reports are dropped, those that wait too. */
  drop(): void {
    this.#isDropping = true;
    this.#wake(false);
  }

  /** True when the open transaction has output of windows that are not in the log. */
  get isAhead(): boolean {
    return this.#options.holds && this.hasWritten;
  }

  /** A new assignment begins: its reports are taken again. */
  open(): void {
    this.#isDropping = false;
    this.hasOutput = false;
    this.#logBytes.clear();
    this.#reset();
  }

  #reset(): void {
    this.#transaction = Promise.withResolvers<void>();
    this.#isBehind.fill(false);
    this.#isCommitting = false;
    this.hasWritten = false;
  }

  #wake(mayGo: boolean): void {
    for (const wake of this.#waiting.splice(0)) wake(mayGo);
  }
}
