import assert from "node:assert/strict";
import type { Random } from "../../src/generate/random.ts";
import type { Fleet } from "../../src/pipeline/pipeline_parts.ts";
import type { EncoderOptions } from "../../src/sink/encode/session_encoder.ts";
import {
  type LookAnswer,
  type LookMessage,
  type PostedReport,
  type ReportMessage,
  type ScanAnswer,
  type ScanMessage,
  type TaskMessage,
  transferables,
} from "../../src/wire/messages.ts";
import { decodeTask } from "../../src/wire/task_codec.ts";
import { LocalThread } from "../support/local_threads.ts";
import { shardOptions } from "../support/shard_options.ts";
import type { Plan } from "./plan.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatedSource } from "./simulated_source.ts";

/** How the shards encode. */
export const LINES: EncoderOptions = {
  format: "lines",
  withMetadata: true,
  withOrder: false,
};

/**
 * Real shards, each first in, first out, whose tasks and reports take virtual
 * time. It looks at the watermark of every task that main sends.
 */
export class SimulatedFleet implements Fleet {
  isOpen = true;
  readonly #plan: Plan;
  readonly #source: SimulatedSource;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #threads: LocalThread[];
  readonly #working: Promise<unknown>[];
  readonly #answering: Promise<unknown>[];
  #tasks = 0;
  #assignment = 0;
  #watermarkMs = -Infinity;

  constructor(
    plan: Plan,
    world: {
      readonly source: SimulatedSource;
      readonly scheduler: Scheduler;
      readonly random: Random;
    },
  ) {
    const { workers, window } = plan;
    this.#plan = plan;
    this.#source = world.source;
    this.#scheduler = world.scheduler;
    this.#random = world.random;
    this.#threads = Array.from(
      { length: workers },
      (_, shard) =>
        new LocalThread(
          shardOptions({
            ...{ shard, shardCount: workers, window, encoder: LINES },
            ...{ keepLate: true, keepRejected: true },
          }),
        ),
    );
    this.#working = this.#threads.map(() => Promise.resolve());
    this.#answering = this.#threads.map(() => Promise.resolve());
  }

  get size(): number {
    return this.#threads.length;
  }

  async ready(): Promise<void> {
    await this.#scheduler.pause("shards start", this.#random.below(50));
  }

  run(shard: number, message: TaskMessage): Promise<PostedReport> {
    this.#checkWatermark(message);
    const posted = post(message);
    return this.#inTurn(shard, async () => {
      const { fault } = this.#plan;
      if (fault?.part === "shard" && ++this.#tasks === fault.at) {
        throw new Error("the shard fails");
      }
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

  /** Works behind what the thread has to do before, and answers likewise. */
  #inTurn<T>(thread: number, work: () => Promise<T>): Promise<T> {
    const working = this.#working[thread]!.then(async () => {
      await this.#pause(`thread ${thread}`);
      if (!this.isOpen) throw new Error("the shards were ended");
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

  async destroy(): Promise<void> {
    this.isOpen = false;
    await Promise.all(this.#answering);
  }

  /** Within an assignment it never goes back, nor passes what is still to come. */
  #checkWatermark({ envelope, orders }: TaskMessage): void {
    const watermarkMs = decodeTask(envelope).mergedWatermarkMs();
    this.#scheduler.note(`task at ${watermarkMs}`);
    for (const order of orders) {
      if (order.kind !== "reassign") continue;
      const { assignment } = order;
      if (assignment > this.#assignment) this.#watermarkMs = -Infinity;
      this.#assignment = assignment;
    }
    assert.ok(watermarkMs >= this.#watermarkMs, "the watermark went back");
    this.#watermarkMs = watermarkMs;
    const { leastUnreadMs, assignments } = this.#source;
    if (!this.#plan.isExact || assignments.isFlushed) return;
    const isPassed = watermarkMs >= leastUnreadMs && leastUnreadMs < Infinity;
    assert.ok(!isPassed, "the watermark passed a visit that is not read yet");
  }

  #pause(label: string): Promise<void> {
    const { shard: slowestMs } = this.#plan.slowness;
    const ms = this.#random.pick([0, 0, 1, this.#random.below(slowestMs)]);
    return this.#scheduler.pause(label, ms);
  }
}

/** Hands a message over as a thread would get it: its buffers are gone here. */
function post<Message extends TaskMessage | ReportMessage>(
  message: Message,
): Message {
  return structuredClone(message, { transfer: transferables(message) });
}
