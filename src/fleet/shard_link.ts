import type { TimeNews } from "../watermark/shared_time.ts";
import type { TaskMessage } from "../wire/messages.ts";
import type {
  OwnedAnswer,
  ReadChange,
  ShardAnswer,
  ShardOrder,
} from "../wire/orders.ts";
import { encodeTask } from "../wire/task_codec.ts";
import type { DealtChunk } from "./dealt_chunk.ts";
import { type FetchedRun, runsOf, TaskBatch, taskBytes } from "./task_batch.ts";

/** Report payloads that wait for a task at most; a shard does not need more. */
const SPARES_MAX = 2;

/** What a task holds on to until the shard has applied it in full. */
export interface Held {
  release(): void;
}

/** A task that the shard has not applied in full yet. */
export interface InFlightTask {
  readonly sequence: number;
  /** Of shared chunks, known when the shard has said how much of them it owns. */
  readonly runs: readonly FetchedRun[];
  /** Chunks that it shares with the other shards. */
  readonly shared: readonly DealtChunk[];
  /** Chunks that it has something of, once for each part. */
  readonly held: readonly Held[];
  readonly sentAtMs: number;
  /** Fetch time of the record that moved the watermark this task brings. */
  readonly watermarkCauseMs: number | null;
}

/** When the first of a task's records was fetched, ms; null for none. */
export function fetchedAtMs({ runs, shared }: InFlightTask): number | null {
  return (runs[0] ?? shared[0]?.chunk)?.fetchedAtMs ?? null;
}

/** What a task is, beside its records and the news of time. */
export interface TaskOptions {
  readonly nowMs: number;
  /** The time of the skew check, `nowMs` when left out. */
  readonly skewNowMs?: number;
  /** Another task follows for sure. */
  readonly isFollowed: boolean;
  /** The round that ends with it; 0 for none. */
  readonly round: number;
  /** The commit whose barrier is behind its records; 0, or left out, for none. */
  readonly barrier?: number;
  /** What its orders need. */
  readonly held?: Held;
  readonly orders: readonly ShardOrder[];
}

/** How far a shard is, as its report says. */
interface ReportedProgress {
  readonly sequence: number;
  readonly appliedSequence: number;
  readonly answers: readonly ShardAnswer[];
}

/** One shard as main sees it: the batch being filled, and what is under way. */
export class ShardLink {
  readonly shard: number;
  readonly batch: TaskBatch;
  readonly inFlight: InFlightTask[] = [];
  /** Chunks that were handed on since the last task, be anything of them its or not. */
  chunksSince = 0;
  /** When the last task was sent, ms. */
  #sentAtMs = -Infinity;
  /** Report payloads to give back with the next task. */
  readonly #spares: ArrayBuffer[] = [];
  #outstanding = 0;
  #hasBacklog = false;
  /** Version of the news that the shard was told last. */
  #toldVersion = 0;
  /** Sequence of the last task sent; a double is exact for 2^53 of them. */
  #sequence = 0;
  /** Assignments that the shard was told of, and that it has answered. */
  #assignment = 0;
  #answeredAssignment = 0;

  /** `taskBytes`: what a usual task takes at most. */
  constructor(shard: number, taskBytes: number) {
    this.shard = shard;
    this.batch = new TaskBatch(taskBytes);
  }

  /** Tasks sent and not answered. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** True when the shard stopped in mid-task because its report was full. */
  get hasBacklog(): boolean {
    return this.#hasBacklog;
  }

  /** The task that the shard stopped in; null when it waits for the next. */
  get begun(): InFlightTask | null {
    return this.#hasBacklog ? (this.inFlight[0] ?? null) : null;
  }

  /** True when nothing is to be sent and nothing is to be waited for. */
  get isQuiet(): boolean {
    return this.batch.isEmpty && this.outstanding === 0 && !this.hasBacklog;
  }

  /** True when the shard was told the news of this version. */
  knows(version: number): boolean {
    return this.#toldVersion === version;
  }

  /** Time since the last task was sent, ms. */
  restMs(nowMs: number): number {
    return nowMs - this.#sentAtMs;
  }

  /** The order that begins a new assignment, for the next task. */
  beginAssignment(change: ReadChange): ShardOrder {
    return { kind: "reassign", assignment: ++this.#assignment, ...change };
  }

  /** Number of tasks that were sent to the shard. */
  get tasksSent(): number {
    return this.#sequence;
  }

  /** False while the shard reports of an older assignment. */
  get isOfAssignment(): boolean {
    return this.#answeredAssignment === this.#assignment;
  }

  /** Makes the next task of the batch, which may be empty. */
  nextTask(news: TimeNews, options: TaskOptions): TaskMessage {
    const { nowMs, skewNowMs = nowMs, isFollowed, round, orders } = options;
    const sequence = ++this.#sequence;
    const { barrier = 0 } = options;
    const { chunks, rows, shared, held: parts, runs } = this.batch.take();
    const held = options.held === undefined ? parts : [...parts, options.held];
    const envelope = encodeTask({
      ...{ sequence, nowMs, skewNowMs, isFollowed, round, barrier },
      mergedWatermarkMs: news.watermarkMs,
      clocksMs: news.clocksMs,
      states: news.states,
    });
    const { watermarkCauseMs } = news;
    const sentAtMs = nowMs;
    this.inFlight.push({
      ...{ sequence, runs, held, sentAtMs, watermarkCauseMs },
      shared: shared.length > 0 ? parts : [],
    });
    this.chunksSince = 0;
    this.#sentAtMs = nowMs;
    this.#outstanding++;
    this.#toldVersion = news.version;
    const spares = this.#spares.splice(0);
    return { envelope, chunks, rows, shared, orders, spares };
  }

  /** Takes the payload of a report that is written, for the shard to use again. */
  giveBack(payload: ArrayBuffer): void {
    if (this.#spares.length < SPARES_MAX) this.#spares.push(payload);
  }

  /**
   * Takes a report; returns the tasks that it says are applied. Throws when it
   * is not the answer to the oldest task that has none.
   */
  take(report: ReportedProgress): InFlightTask[] {
    const { inFlight } = this;
    const { sequence, appliedSequence, answers } = report;
    this.#expectSequence(sequence, appliedSequence);
    for (const answer of answers) {
      if (answer.kind === "owned") this.#own(answer);
      if (answer.kind !== "reassigned") continue;
      this.#answeredAssignment = answer.assignment;
    }
    this.#outstanding--;
    this.#hasBacklog = appliedSequence < sequence;
    let applied = 0;
    while (
      applied < inFlight.length &&
      inFlight[applied]!.sequence <= appliedSequence
    ) {
      applied++;
    }
    return inFlight.splice(0, applied);
  }

  /** Takes note of how many records of shared chunks are the shard's. */
  #own({ sequence, counts }: OwnedAnswer): void {
    const { inFlight } = this;
    const at = inFlight.findIndex((task) => task.sequence === sequence);
    const task = inFlight[at];
    if (task?.shared.length !== counts.length) {
      throw new Error(
        `Cannot take report of shard ${this.shard}: it tells of ` +
          `${counts.length} shared chunks of task ${sequence}, expected ` +
          `${task?.shared.length ?? "no such task"}`,
      );
    }
    const owned = task.shared.map((dealt, i) => {
      const count = counts[i]!;
      dealt.own(count);
      return { dealt, count };
    });
    inFlight[at] = { ...task, runs: runsOf(owned) };
  }

  #expectSequence(sequence: number, appliedSequence: number): void {
    const expected = this.#sequence - this.#outstanding + 1;
    const isNext = sequence === expected && this.#outstanding > 0;
    const oldest = this.inFlight[0]?.sequence ?? expected;
    const isApplied =
      appliedSequence >= oldest - 1 && appliedSequence <= sequence;
    if (isNext && isApplied) return;
    throw new Error(
      `Cannot take report of shard ${this.shard}: it answers task ${sequence} ` +
        `and says that ${appliedSequence} is applied, expected an answer to ` +
        `${expected} with ${oldest - 1} or more`,
    );
  }
}

/** So many shards, which get the usual tasks for one of so many. */
export function shardLinks(shardCount: number): ShardLink[] {
  const bytes = taskBytes(shardCount);
  return Array.from(
    { length: shardCount },
    (_, shard) => new ShardLink(shard, bytes),
  );
}
