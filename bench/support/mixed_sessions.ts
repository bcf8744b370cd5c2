import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaRecordSink } from "../../src/generate/kafka_record_sink.ts";
import { RecordFrame } from "../../src/generate/record_frame.ts";
import { openRecordSink } from "./record_sink.ts";

// Visits of sessions of very different length, at the time that it is.

/** Between two looks at what is due, ms. */
const TICK_MS = 20;
/** Visitors who never leave: each comes so often, s. */
const ENDLESS_EVERY_S = 20;
/** Visits of a session that lasts a minute. */
const MIDDLE_VISITS = 10;
/** Of ten visits, so many are of each kind of visitor; the rest come once. */
const ENDLESS_OF_TEN = 4;
const MIDDLE_OF_TEN = 3;
const HEAD = '{"visit_id": "';

/** Where and how fast they are written. */
export interface MixedSessionsOptions {
  /** Must be there. */
  readonly topic: string;
  readonly ratePerSecond: number;
}

/** A load of visits that goes on until it is stopped. */
export class MixedSessions {
  readonly #sink: KafkaRecordSink;
  readonly #ratePerSecond: number;
  readonly #frame = new RecordFrame();
  #count = 0;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(sink: KafkaRecordSink, ratePerSecond: number) {
    this.#sink = sink;
    this.#ratePerSecond = ratePerSecond;
  }

  static async start(
    brokers: string,
    { topic, ratePerSecond }: MixedSessionsOptions,
  ): Promise<MixedSessions> {
    const sink = await openRecordSink(brokers, topic);
    const load = new MixedSessions(sink, ratePerSecond);
    load.#running = load.#run();
    load.#running.catch(() => {});
    return load;
  }

  /** Ends it. Throws what went wrong meanwhile. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    await this.#sink.close();
  }

  async #run(): Promise<void> {
    const startMs = performance.now();
    while (!this.#isStopped) {
      const seconds = (performance.now() - startMs) / 1000;
      const due = Math.floor(seconds * this.#ratePerSecond);
      const tail = `", "event_time": "${new Date().toISOString()}", "page": "home", "user_id": "somebody"}`;
      while (this.#count < due) {
        if (this.#frame.isFull) await this.#write();
        this.#add(this.#visitor(this.#count++), tail);
      }
      await this.#write();
      await sleep(TICK_MS);
    }
  }

  async #write(): Promise<void> {
    await this.#sink.write(this.#frame);
    this.#frame.clear();
  }

  #visitor(count: number): string {
    const kind = count % 10;
    const turn = Math.floor(count / 10);
    if (kind < ENDLESS_OF_TEN) {
      const endless = turn * ENDLESS_OF_TEN + kind;
      const perSecond = (this.#ratePerSecond * ENDLESS_OF_TEN) / 10;
      return `endless-${endless % Math.ceil(perSecond * ENDLESS_EVERY_S)}`;
    }
    if (kind < ENDLESS_OF_TEN + MIDDLE_OF_TEN) {
      return this.#middleVisitor(turn * MIDDLE_OF_TEN + kind - ENDLESS_OF_TEN);
    }
    return `once-${count}`;
  }

  /** Ten visits, six seconds apart; others take the place of those who leave. */
  #middleVisitor(count: number): string {
    const perSecond = (this.#ratePerSecond * MIDDLE_OF_TEN) / 10;
    const together = Math.ceil(perSecond * (60 / MIDDLE_VISITS));
    const place = count % together;
    const round = Math.floor(count / together);
    // Not all of them leave at once.
    const generation = Math.floor((round + (place % MIDDLE_VISITS)) / 10);
    return `middle-${place}-${generation}`;
  }

  #add(visitor: string, tail: string): void {
    const frame = this.#frame;
    const value = HEAD + visitor + tail;
    const length = frame.bytes.write(value, frame.end, "latin1");
    frame.add(length, HEAD.length, visitor.length);
  }
}
