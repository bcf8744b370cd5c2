import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { createScanner, createShard } from "../../src/shard/create_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import type {
  LookAnswer,
  LookMessage,
  PostedReport,
  ScanAnswer,
  ScanMessage,
  TaskMessage,
} from "../../src/wire/messages.ts";

/** What a thread of the fleet does, in this one: its shard, and its scans. */
export class LocalThread {
  readonly #shard: ReturnType<typeof createShard>;
  readonly #options: ShardOptions;
  /** Made when it is needed first: the only shard scans itself. */
  #scanner: ReturnType<typeof createScanner> | null = null;

  constructor(options: ShardOptions, create = createShard) {
    this.#options = options;
    this.#shard = create(options);
  }

  /** Applies a task. */
  run(message: TaskMessage): PostedReport {
    return { ...this.#shard.handle(message), threadCpuMs: 0 };
  }

  /** Says what sessions there are. */
  look(message: LookMessage): LookAnswer {
    return this.#shard.look(message);
  }

  /** Scans a chunk. */
  scan(message: ScanMessage): ScanAnswer {
    this.#scanner ??= createScanner(this.#options);
    return this.#scanner.scan(message);
  }
}

/** Threads that work at once when they are told to. */
export function localThreads(options: readonly ShardOptions[]): ShardRunner {
  const threads = options.map((each) => new LocalThread(each));
  return {
    size: threads.length,
    run: async (shard, message) => threads[shard]!.run(message),
    scan: async (thread, message) => threads[thread]!.scan(message),
    look: async (shard, message) => threads[shard]!.look(message),
  };
}
