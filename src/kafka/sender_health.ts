import type { Clock } from "../clock.ts";
import { WorldError } from "../errors.ts";
import { plainMessage } from "./client.ts";
import { errorType, isNoAnswer, isRetriable } from "./client_trouble.ts";
import { Outage } from "./outage.ts";
import type { TopicWriter } from "./topic_writer.ts";

const TICK_MS = 500;
/** Ticks without an answer after which a request is trouble: 3 s. */
const OVERDUE_TICKS = 6;
/** A broker that restarts is back long before, ms. */
const GIVE_UP_MS = 120_000;
/** A topic that is not there for so long, ms, has been deleted. */
const MISSING_TOPIC_MS = 30_000;
/** A stopping run waits so long, ms, for a topic in trouble, … */
const STOP_IN_TROUBLE_MS = 5_000;
/** … and so long, ms, for one that is merely slow. */
const STOP_LATEST_MS = 14_000;

/** The part of the brokers' outage that is ours. */
const PART = "writing";

/** What tells of a sender's troubles. */
export interface SenderHealthOptions {
  /** The story of the brokers. */
  readonly outage: Outage;
  readonly warn: (text: string) => void;
  readonly clock: Clock;
}

/** A request that waits for its answer. */
interface Request {
  ticks: number;
}

/**
 * Watches over a sender: tells the story of its troubles, with what waits, and
 * ends what has no hope.
 */
export class SenderHealth {
  readonly #writers: readonly TopicWriter[];
  readonly #options: SenderHealthOptions;
  readonly #requests = new Set<Request>();
  readonly #stories = new Map<TopicWriter, Outage>();
  #endTicks: (() => void) | null = null;
  #stopAtMs: number | null = null;

  constructor(writers: readonly TopicWriter[], options: SenderHealthOptions) {
    this.#writers = writers;
    this.#options = options;
  }

  /** Watches from here on, until `close`. */
  open(): void {
    this.#endTicks = this.#options.clock.every(TICK_MS, () => this.#tick());
  }

  close(): void {
    this.#endTicks?.();
    this.#options.outage.well(PART);
    for (const story of this.#stories.values()) story.close();
  }

  /** A stop was asked for: what cannot be written now never will be. */
  stopSoon(): void {
    this.#stopAtMs ??= this.#options.clock.nowMs();
  }

  /** A request goes out; to be called when it is answered, or has failed. */
  request(): () => void {
    const request: Request = { ticks: 0 };
    this.#requests.add(request);
    return () => this.#requests.delete(request);
  }

  /** An attempt has failed. Gives the topic up when there is no hope. */
  troubled(writer: TopicWriter, error: unknown): void {
    const reason = plainMessage(error);
    if (!isRetriable(error)) {
      this.#giveUp(writer, reason);
      return;
    }
    const { outage, clock } = this.#options;
    const forMs = clock.nowMs() - (writer.trouble?.sinceMs ?? 0);
    const isMissing = errorType(error) === "UNKNOWN_TOPIC_OR_PARTITION";
    if (forMs > (isMissing ? MISSING_TOPIC_MS : GIVE_UP_MS)) {
      const seconds = Math.round(forMs / 1000);
      const why = isMissing ? ", has it been deleted?" : "";
      this.#giveUp(writer, `${reason}, for ${seconds} s${why}`);
      return;
    }
    const isPartOfOutage = outage.isOn && !isMissing;
    if (isNoAnswer(error) || isPartOfOutage) this.#noAnswer(reason);
    else this.#storyOf(writer).trouble(PART, this.#trouble(writer, reason));
  }

  /** To be called after answers: ends the stories of what is well. */
  check(): void {
    const { outage } = this.#options;
    let isAllWell = true;
    for (const writer of this.#writers) {
      const isWell = writer.trouble === null;
      if (isWell) this.#stories.get(writer)?.well(PART);
      isAllWell &&= isWell;
    }
    for (const { ticks } of this.#requests) {
      if (ticks >= OVERDUE_TICKS) isAllWell = false;
    }
    if (isAllWell) outage.well(PART);
  }

  #tick(): void {
    for (const request of this.#requests) {
      // Ticks, not times: our own process may have been asleep.
      if (++request.ticks < OVERDUE_TICKS) continue;
      this.#noAnswer(
        `no answer for ${Math.floor((request.ticks * TICK_MS) / 1000)} s`,
      );
    }
    if (this.#stopAtMs !== null) this.#endIfStuck(this.#stopAtMs);
  }

  #noAnswer(reason: string): void {
    this.#options.outage.trouble(PART, {
      reason,
      waits: () => this.#waitsText(),
    });
  }

  #trouble(writer: TopicWriter, reason: string) {
    return { reason, waits: () => `${writer.waitingText} wait` };
  }

  #waitsText(): string | null {
    const waiting = this.#writers.filter(({ isEmpty }) => !isEmpty);
    if (waiting.length === 0) return null;
    const texts = waiting.map(
      ({ topic, waitingText }) => `${waitingText} for topic "${topic}"`,
    );
    return `${texts.join(", ")} wait`;
  }

  #storyOf(writer: TopicWriter): Outage {
    const { topic, things } = writer;
    const known = this.#stories.get(writer);
    if (known !== undefined) return known;
    const story = new Outage({
      ...this.#options,
      what: `Cannot write to topic "${topic}" now`,
      again: `Topic "${topic}" takes ${things} again`,
    });
    this.#stories.set(writer, story);
    return story;
  }

  #giveUp(writer: TopicWriter, reason: string): void {
    const { topic, waitingText } = writer;
    writer.fail(
      new WorldError(
        `Cannot write to topic "${topic}": ${reason}; ` +
          `${waitingText} were not written`,
      ),
    );
    this.#stories.get(writer)?.close();
  }

  /** Ends a stop that would never end, with one sentence for all topics. */
  #endIfStuck(stopAtMs: number): void {
    const forMs = this.#options.clock.nowMs() - stopAtMs;
    const isInTrouble = this.#options.outage.isOn || this.#isAnyInTrouble();
    if (forMs < (isInTrouble ? STOP_IN_TROUBLE_MS : STOP_LATEST_MS)) return;
    const stuck = this.#writers.filter(({ isEmpty }) => !isEmpty);
    if (stuck.length === 0) return;
    const texts = stuck.map(
      ({ topic, waitingText }) =>
        `${waitingText} were not written to "${topic}"`,
    );
    const { error } = stuck.find(({ trouble }) => trouble)?.trouble ?? {};
    const reason =
      error === undefined
        ? `no answer within ${Math.round(forMs / 1000)} s`
        : plainMessage(error);
    const failure = new WorldError(
      `Cannot stop in good order: ${texts.join(", ")}: ${reason}`,
    );
    for (const writer of stuck) writer.fail(failure);
    for (const story of this.#stories.values()) story.close();
  }

  #isAnyInTrouble(): boolean {
    return this.#writers.some(({ trouble }) => trouble !== null);
  }
}
