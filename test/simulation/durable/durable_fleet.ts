import { RecoverableError } from "../../../src/errors.ts";
import type { Random } from "../../../src/generate/random.ts";
import type { Fleet } from "../../../src/pipeline/pipeline_parts.ts";
import type { ShardOptions } from "../../../src/shard/shard_options.ts";
import {
  type LookAnswer,
  type LookMessage,
  type PostedReport,
  type ReportMessage,
  type ScanAnswer,
  type ScanMessage,
  type TaskMessage,
  transferables,
} from "../../../src/wire/messages.ts";
import { LocalThread } from "../../support/local_threads.ts";
import type { SimulatedProcess } from "../simulated_process.ts";

/** What breaks in a shard of a life, and at which of the fleet's tasks. */
export interface ShardFault {
  readonly kind: "throws" | "hangs";
  readonly at: number;
}

/** The text of the error of a shard that was made to throw. */
export const SHARD_FAILS = "the shard fails";
/** A shard that hangs is given up after this, ms. */
const HANG_MS = 1_000;

/** Real shards of one life, first in, first out, whose work takes virtual time. */
export class DurableFleet implements Fleet {
  readonly size: number;
  readonly #process: SimulatedProcess;
  readonly #random: Random;
  readonly #slowestMs: number;
  readonly #faultOf: () => ShardFault | null;
  #fault: ShardFault | null = null;
  #threads: readonly LocalThread[] = [];
  readonly #working: Promise<unknown>[];
  readonly #answering: Promise<unknown>[];
  #tasks = 0;
  #isOpen = true;

  constructor(
    size: number,
    world: {
      readonly process: SimulatedProcess;
      readonly random: Random;
      /** Longest time of a task, and of its answer, ms. */
      readonly slowestMs: number;
      /** Asked once, when the shards are made. */
      readonly faultOf: () => ShardFault | null;
    },
  ) {
    this.size = size;
    this.#process = world.process;
    this.#random = world.random;
    this.#slowestMs = world.slowestMs;
    this.#faultOf = world.faultOf;
    this.#working = Array.from({ length: size }, () => Promise.resolve());
    this.#answering = this.#working.slice();
  }

  async ready(shards: readonly ShardOptions[]): Promise<void> {
    this.#fault = this.#faultOf();
    this.#threads = shards.map((each) => new LocalThread(each));
    await this.#process.pause("shards start", this.#random.below(50));
  }

  run(shard: number, message: TaskMessage): Promise<PostedReport> {
    const posted = post(message);
    return this.#inTurn(shard, async () => {
      if (++this.#tasks === this.#fault?.at) await this.#fail(this.#fault);
      return post(this.#threads[shard]!.run(posted));
    });
  }

  scan(thread: number, message: ScanMessage): Promise<ScanAnswer> {
    return this.#inTurn(thread, async () =>
      this.#threads[thread]!.scan(message),
    );
  }

  look(shard: number, message: LookMessage): Promise<LookAnswer> {
    return this.#inTurn(shard, async () => this.#threads[shard]!.look(message));
  }

  async destroy(): Promise<void> {
    this.#isOpen = false;
    await Promise.all(this.#answering);
  }

  async #fail({ kind }: ShardFault): Promise<never> {
    if (kind === "throws") throw new Error(SHARD_FAILS);
    await this.#process.pause("a shard hangs", HANG_MS);
    throw new RecoverableError("Cannot go on with a shard: it hangs");
  }

  /** Works behind what the thread has to do before, and answers likewise. */
  #inTurn<T>(thread: number, work: () => Promise<T>): Promise<T> {
    const working = this.#working[thread]!.then(async () => {
      await this.#pause(`thread ${thread}`);
      if (!this.#isOpen) throw new Error("the shards were ended");
      return await work();
    });
    this.#working[thread] = working.catch(() => {});
    const answering = this.#answering[thread]!.then(async () => {
      const answer = await working;
      await this.#pause(`answer of thread ${thread}`);
      return answer;
    });
    this.#answering[thread] = answering.catch(() => {});
    return answering;
  }

  #pause(label: string): Promise<void> {
    const ms = this.#random.pick([
      0,
      0,
      1,
      this.#random.below(this.#slowestMs),
    ]);
    return this.#process.pause(label, ms);
  }
}

/** Hands a message over as a thread would get it: its buffers are gone here. */
function post<Message extends TaskMessage | ReportMessage>(
  message: Message,
): Message {
  return structuredClone(message, { transfer: transferables(message) });
}
