import assert from "node:assert/strict";
import type { Random } from "../../src/generate/random.ts";
import type { SessionSink, SideRecord, SideSink } from "../../src/sink/sink.ts";
import type { SessionChunk } from "../../src/wire/messages.ts";
import type { Plan } from "./plan.ts";
import type { Scheduler } from "./scheduler.ts";

/** What sinks do alike: they take time, and may fail. */
class SimulatedSink {
  isOpen = true;
  readonly #name: string;
  readonly #plan: Plan;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #pending = new Set<Promise<void>>();
  #writes = 0;
  #hasFailed = false;

  constructor(
    name: string,
    world: {
      readonly plan: Plan;
      readonly scheduler: Scheduler;
      readonly random: Random;
    },
  ) {
    this.#name = name;
    this.#plan = world.plan;
    this.#scheduler = world.scheduler;
    this.#random = world.random;
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    this.isOpen = false;
  }

  /** Acknowledges a write some time later, or fails. */
  protected acknowledge(text: string): Promise<void> {
    assert.ok(this.isOpen, `a write to ${this.#name}, which is closed`);
    this.#scheduler.note(`${this.#name} ${text}`);
    const write = this.#write();
    this.#pending.add(write);
    const done = () => this.#pending.delete(write);
    write.then(done, done);
    return write;
  }

  async #write(): Promise<void> {
    const { fault, slowness } = this.#plan;
    const isFault = this.#name === "sessions" && fault?.part === "sink";
    if (isFault && ++this.#writes === fault.at) this.#hasFailed = true;
    const hasFailed = this.#hasFailed;
    const ms = this.#random.pick([0, 1, this.#random.below(slowness.sink)]);
    await this.#scheduler.pause(this.#name, ms);
    if (hasFailed) throw new Error("the sink fails");
  }
}

/** Keeps the lines of sessions in the order in which they were written. */
export class SimulatedSessions extends SimulatedSink implements SessionSink {
  readonly lines: string[] = [];
  acknowledged = 0;

  async write(chunks: readonly SessionChunk[]): Promise<void> {
    const texts = chunks.map(textOf);
    const lines = texts.join("").split("\n").slice(0, -1);
    this.lines.push(...lines);
    await this.acknowledge(texts.join(""));
    // Until now the bytes were ours.
    assert.deepEqual(chunks.map(textOf), texts);
    this.acknowledged += lines.length;
  }
}

/** Keeps the values of late visits or of rejected records. */
export class SimulatedSide extends SimulatedSink implements SideSink {
  readonly values: string[] = [];

  async write(records: Iterable<SideRecord>): Promise<void> {
    const values = [...records].map(({ value }) =>
      Buffer.from(value!).toString(),
    );
    this.values.push(...values);
    await this.acknowledge(values.join("\n"));
  }
}

function textOf({ bytes }: SessionChunk): string {
  return Buffer.from(bytes).toString();
}
