import { RecoverableError } from "../errors.ts";
import type {
  LookAnswer,
  LookMessage,
  PostedReport,
  ScanAnswer,
  ScanMessage,
  TaskMessage,
} from "../wire/messages.ts";
import type { ShardRunner } from "./dispatcher_parts.ts";

/**
 * A thread is looked at so often before it is given up. Were it one look, a
 * process that was stopped for a while would take all of its threads for dead.
 */
const LOOKS = 5;

/** One thread: what it has not answered, and since how many looks. */
interface WatchedThread {
  readonly waiting: Set<(error: Error) => void>;
  looks: number;
  timer: NodeJS.Timeout | null;
}

/**
 * Shards of which each must answer something now and then while it has something
 * to do: else what it has is rejected with a `RecoverableError`.
 */
export class WatchedRunner implements ShardRunner {
  readonly #runner: ShardRunner;
  readonly #timeoutMs: number;
  readonly #threads: readonly WatchedThread[];

  constructor(runner: ShardRunner, timeoutMs: number) {
    this.#runner = runner;
    this.#timeoutMs = timeoutMs;
    this.#threads = Array.from({ length: runner.size }, () => {
      return { waiting: new Set(), looks: 0, timer: null };
    });
  }

  get size(): number {
    return this.#runner.size;
  }

  run(shard: number, message: TaskMessage): Promise<PostedReport> {
    return this.#watch(shard, this.#runner.run(shard, message));
  }

  scan(thread: number, message: ScanMessage): Promise<ScanAnswer> {
    return this.#watch(thread, this.#runner.scan(thread, message));
  }

  look(shard: number, message: LookMessage): Promise<LookAnswer> {
    return this.#watch(shard, this.#runner.look(shard, message));
  }

  #watch<T>(shard: number, answer: Promise<T>): Promise<T> {
    const thread = this.#threads[shard]!;
    // It had nothing to do until now.
    if (thread.waiting.size === 0) thread.looks = 0;
    return new Promise((resolve, reject) => {
      thread.waiting.add(reject);
      this.#lookLater(shard);
      const heard = () => {
        thread.waiting.delete(reject);
        thread.looks = 0;
      };
      answer.then(
        (value) => {
          heard();
          resolve(value);
        },
        (error) => {
          heard();
          reject(error);
        },
      );
    });
  }

  #lookLater(shard: number): void {
    const thread = this.#threads[shard]!;
    thread.timer ??= setTimeout(() => {
      thread.timer = null;
      if (thread.waiting.size === 0) return;
      if (++thread.looks > LOOKS) this.#giveUp(shard);
      else this.#lookLater(shard);
    }, this.#timeoutMs / LOOKS).unref();
  }

  #giveUp(shard: number): void {
    const { waiting } = this.#threads[shard]!;
    const error = new RecoverableError(
      `Cannot go on with shard ${shard}: it has not answered a task for ` +
        `${this.#timeoutMs / 1000} s, expected it to within --shard-timeout`,
    );
    for (const reject of waiting) reject(error);
    waiting.clear();
  }
}

/** The shards, watched where they have to answer within a time. */
export function watched(
  runner: ShardRunner,
  timeoutMs: number | undefined,
): ShardRunner {
  return timeoutMs === undefined
    ? runner
    : new WatchedRunner(runner, timeoutMs);
}
