import { publishPoint } from "../checkpoint/commit_points.ts";
import type { PassedBarrier } from "../fleet/barriers.ts";
import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { GroupSeat } from "../kafka/group_seat.ts";
import type { PartitionProgress } from "../source/source.ts";
import type { PartitionState } from "../watermark/partition_state.ts";
import {
  CommitMarks,
  type CommitTerm,
  type Cut,
  type MarkParts,
} from "./commit_marks.ts";
import { CommitPace } from "./commit_pace.ts";
import type { CommittingOffset } from "./ledger.ts";
import { LogTruncation, type TruncationParts } from "./log_truncation.ts";
import type { Positions } from "./positions.ts";

/** What commits work with. */
export interface CommitParts extends MarkParts, TruncationParts {
  readonly dispatcher: Pick<Dispatcher, "dealer" | "barrier" | "watermarkMs">;
  readonly positions: Positions;
  /** Resolves when what the outputs have taken survives the host. */
  readonly flush: () => Promise<void>;
  /** Ends the transaction with these offsets. */
  readonly commit: (
    offsets: readonly CommittingOffset[],
    seat: GroupSeat,
  ) => Promise<void>;
  readonly progress: () => readonly PartitionProgress[];
  readonly stateOf: (partition: number) => PartitionState;
  readonly intervalMs: number;
  readonly shardCount: number;
  /** A commit has failed: nothing is known of it. */
  readonly onFailure: (error: unknown) => void;
}

/** What all shards have passed, and where. */
interface Passed extends PassedBarrier {
  readonly commit: number;
}

/**
 * Commits now and then, one at a time: a barrier to all shards, the changes of
 * their windows and a mark of each partition that changed into the log, and with
 * the offsets of the cut the end of the transaction. Nothing waits for it but
 * what is put out behind the barrier.
 */
export class Commits {
  readonly #parts: CommitParts;
  readonly #marks: CommitMarks;
  readonly #truncation: LogTruncation;
  #term: CommitTerm | null = null;
  #commit = 0;
  readonly #pace: CommitPace;
  #watermarkMs = -Infinity;
  #passed: Passed | null = null;
  #running: Promise<void> | null = null;
  /** The end of the assignment, when that has begun. */
  #ending: Promise<void> | null = null;
  /** What came back from the log was not measured yet: a cut tells. */
  #isUnmeasured = false;
  /** The assignment is over: what is put out behind the commit is not wanted. */
  #isOver = false;
  readonly #stopTicks: () => void;

  constructor(parts: CommitParts) {
    const { clock, intervalMs } = parts;
    this.#parts = parts;
    this.#marks = new CommitMarks(parts);
    this.#truncation = new LogTruncation(parts);
    this.#pace = new CommitPace(parts);
    this.#stopTicks = clock.every(intervalMs, () => this.#consider());
  }

  /** Commits for an assignment from here on, above the numbers that there are. */
  begin(term: CommitTerm): void {
    this.#isUnmeasured = false;
    for (const { commit, extent } of term.ledgers.values()) {
      this.#commit = Math.max(this.#commit, commit);
      if (extent.byteLength > 0) this.#isUnmeasured = true;
    }
    this.#term = term;
    this.#isOver = false;
    this.#ending = null;
    this.#pace.cut();
    this.#watermarkMs = this.#parts.dispatcher.watermarkMs;
  }

  /** Records were dealt: many since the last cut may make a commit due. */
  dealt(): void {
    if (this.#pace.isFull) this.#consider();
  }

  /** All shards have passed the barrier of a commit. */
  passed(commit: number, passed: PassedBarrier): void {
    this.#passed = { ...passed, commit };
  }

  /**
   * Commits once more what there is, after the one that goes on, then never again
   * before the next assignment. Rejects when it fails.
   */
  async last(): Promise<void> {
    // A rejoin and the end of the run may both ask for it.
    if (this.#term !== null) this.#ending = this.#end(this.#term);
    await (this.#ending ?? this.#running);
  }

  async #end(term: CommitTerm): Promise<void> {
    this.#term = null;
    await this.#running;
    // Another assignment may be taken by now, which has ended this one.
    if (this.#isOver) return;
    if (this.#isDue(term)) await this.#start(term, true);
    else this.#parts.gate.drop();
  }

  /** No commit begins by itself before the next assignment; one may still end. */
  async halt(): Promise<void> {
    this.#isOver = true;
    this.#term = null;
    await this.#running;
  }

  /** Ends for good. */
  close(): void {
    this.#term = null;
    this.#stopTicks();
  }

  /** Begins a commit when it is time and there is something to commit. */
  #consider(): void {
    if (this.#running !== null || this.#term === null) return;
    if (!this.#pace.isDue || !this.#isDue(this.#term)) return;
    void this.#start(this.#term);
  }

  /** True when something has changed since the last cut. */
  #isDue(term: CommitTerm): boolean {
    const { gate, positions, dispatcher, progress, stateOf } = this.#parts;
    if (this.#isUnmeasured || gate.hasOutput) return true;
    if (dispatcher.watermarkMs !== this.#watermarkMs) return true;
    const offsets = positions.now(progress());
    for (const [partition, ledger] of term.ledgers) {
      const offset = offsets.get(partition) ?? null;
      if (offset === null) continue;
      if (offset !== ledger.offset) return true;
      if (stateOf(partition) !== ledger.mark?.state) return true;
    }
    return false;
  }

  #start(term: CommitTerm, isLast = false): Promise<void> {
    const running = this.#run(term, isLast).then(
      () => {
        this.#running = null;
        this.#consider();
      },
      (error) => {
        this.close();
        this.#parts.onFailure(error);
        throw error;
      },
    );
    this.#running = running;
    // Who waits for it hears of it; else `onFailure` has.
    running.catch(() => {});
    return running;
  }

  async #run(term: CommitTerm, isLast: boolean): Promise<void> {
    const { clock, gate, meters, transactionalId, logTopic } = this.#parts;
    const commit = ++this.#commit;
    const beganAtMs = clock.nowMs();
    this.#pace.cut();
    gate.begin(commit);
    const cut = await this.#cut(commit, term);
    this.#isUnmeasured = false;
    meters.time("pause", clock.nowMs() - beganAtMs);
    const changed = await this.#marks.write(term, cut);
    await this.#parts.flush();
    if (gate.hasWritten || changed.length > 0) {
      await this.#parts.commit(
        changed.map((ledger) => ledger.committing(transactionalId, logTopic)),
        term.seat,
      );
      const committedAtMs = clock.nowMs();
      meters.count("commits");
      meters.time("commit", committedAtMs - beganAtMs);
      meters.lastCommitAtMs = committedAtMs;
    }
    if (isLast || this.#isOver) gate.end();
    else gate.release();
    this.#truncation.after(commit, term.ledgers.values());
  }

  /** Sends the barrier behind all that was dealt, and waits for all shards. */
  async #cut(commit: number, term: CommitTerm): Promise<Cut> {
    const { dispatcher, positions, progress, stateOf } = this.#parts;
    const offsets = positions.cut(progress());
    const states = new Map<number, PartitionState>();
    publishPoint("barrier", "before", commit);
    dispatcher.dealer.behind(() => {
      for (const partition of term.ledgers.keys()) {
        states.set(partition, stateOf(partition));
      }
      const renewals = this.#renewals(term);
      this.#watermarkMs = dispatcher.watermarkMs;
      dispatcher.barrier(commit, { renewals });
    });
    await dispatcher.dealer.until(() => this.#passed?.commit === commit);
    publishPoint("barrier", "after", commit);
    return { ...this.#passed!, offsets, states };
  }

  #renewals(term: CommitTerm) {
    const { shardCount } = this.#parts;
    const renewals = [];
    for (const { extent, liveBytes } of term.ledgers.values()) {
      const renewal = extent.renewal(liveBytes);
      if (renewal === null) continue;
      const bytes = Math.ceil(renewal.bytes / shardCount);
      renewals.push({ ...renewal, bytes });
    }
    return renewals;
  }
}
