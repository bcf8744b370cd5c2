import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { RecoverableError, WorldError } from "../errors.ts";
import { AnswerWatch } from "./answer_watch.ts";
import { plainMessage } from "./client.ts";
import { isNoAnswer, isRetriable } from "./client_trouble.ts";
import {
  CoordinatorFinder,
  type CoordinatorFinderOptions,
} from "./coordinator_finder.ts";
import { isStopOver, unlessAborted } from "./deadlines.ts";
import { CODES } from "./error_codes.ts";
import type { Outage } from "./outage.ts";
import { PartStory } from "./part_story.ts";
import type { SendBroker } from "./private/send_seam.ts";
import { errorOfCode } from "./private/send_seam.ts";
import type { CodeAnswer, CoordinatorKey } from "./private/transaction_seam.ts";

/**
 * The end of a transaction takes a few ms until the next may begin: asked again
 * so soon, ms, and ever later while it lasts, which is a trouble then.
 */
const CONCURRENT_PAUSE_MS = 1;
const CONCURRENT_SLOWER = 20;
const CONCURRENT_TROUBLE_MS = 500;
/** A new broker makes its coordinators' topics when they are first asked for: no trouble yet, ms. */
const MOVED_TROUBLE_MS = 2_000;
/** A topic that is not there for so long, ms, has been deleted. */
const MISSING_TOPIC_MS = 30_000;
/** Pauses before another attempt: the first, ms, doubles up to the longest. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
const STOP_TICK_MS = 500;

/** The coordinator is another broker, or is not ready. */
const MOVED: ReadonlySet<number> = new Set([
  CODES.requestTimedOut,
  CODES.coordinatorLoading,
  CODES.coordinatorNotAvailable,
  CODES.notCoordinator,
]);
/** It may be put right by time alone. */
const PASSING: ReadonlySet<number> = new Set([
  CODES.unknownTopic,
  CODES.concurrentTransactions,
]);

/** What a request to a coordinator is. */
export interface CoordinatorCall<A extends CodeAnswer> {
  readonly coordinator: CoordinatorKey;
  /** For sentences: `commit offsets of group "g"`. */
  readonly doing: string;
  /** False when it must not arrive twice: then no answer ends the attempts. */
  readonly isRepeatable: boolean;
  /** The topic that it is about, if it is about one. */
  readonly topic?: string;
  readonly send: (broker: SendBroker) => Promise<A>;
}

/** What coordinators are found with, and what tells of troubles with them. */
export interface CoordinatorsOptions extends CoordinatorFinderOptions {
  readonly outage: Outage;
  readonly warn: (text: string) => void;
  readonly clock: Clock;
}

/**
 * The brokers that keep a group's offsets and the transactions of an id: found
 * once, and again when they have moved; asked until they answer.
 */
export class Coordinators {
  readonly #options: CoordinatorsOptions;
  readonly #finder: CoordinatorFinder;
  readonly #watch: AnswerWatch;
  readonly #story: PartStory;
  /** Aborted, with the reason: nothing is waited for any more. */
  readonly #ending = new AbortController();
  /** Why what is asked is not answered well; null while it is. */
  #trouble: Error | null = null;
  /** Requests that somebody waits for. */
  #asking = 0;
  #endTicks: (() => void) | null = null;

  constructor(options: CoordinatorsOptions) {
    this.#options = options;
    this.#finder = new CoordinatorFinder(options);
    const { outage: brokers, clock } = options;
    this.#watch = new AnswerWatch({ brokers, part: "commits", clock });
    this.#story = new PartStory({
      ...options,
      brokers,
      part: "transactions",
      what: "Cannot commit now",
      again: "Commits go on",
    });
  }

  /**
   * The answer to a request, with its error code when that is not one that time
   * heals. Waits, and says so, while there is no coordinator. Throws a
   * `RecoverableError` when it is not known whether the request was carried out,
   * when this is closed or a stop takes too long, and what else kafkajs throws.
   */
  async ask<A extends CodeAnswer>(call: CoordinatorCall<A>): Promise<A> {
    const { signal } = this.#ending;
    this.#asking++;
    try {
      return await unlessAborted(this.#ask(call), signal);
    } catch (error) {
      if (error !== signal.reason) throw error;
      const { message } = signal.reason;
      throw new RecoverableError(`Cannot ${call.doing}: ${message}`);
    } finally {
      this.#asking--;
    }
  }

  async #ask<A extends CodeAnswer>(call: CoordinatorCall<A>): Promise<A> {
    const { clock } = this.#options;
    const startMs = clock.nowMs();
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      this.#ending.signal.throwIfAborted();
      const answer = await this.#attempt(call);
      const code = answer?.errorCode ?? null;
      const forMs = clock.nowMs() - startMs;
      const isGone = code === CODES.unknownTopic && forMs > MISSING_TOPIC_MS;
      const isFinal = isGone || !(MOVED.has(code!) || PASSING.has(code!));
      if (answer !== null && isFinal) {
        this.#trouble = null;
        this.#story.well();
        return answer;
      }
      if (code === CODES.concurrentTransactions) {
        if (forMs > CONCURRENT_TROUBLE_MS)
          this.#troubled(troubleOf(code, call));
        const soonMs = CONCURRENT_PAUSE_MS + forMs / CONCURRENT_SLOWER;
        await this.#sleep(Math.min(LONGEST_PAUSE_MS, soonMs));
        continue;
      }
      if (code === null || MOVED.has(code))
        this.#finder.forget(call.coordinator);
      if (code !== null && forMs > MOVED_TROUBLE_MS) {
        this.#troubled(troubleOf(code, call));
      }
      await this.#sleep(pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
    }
  }

  /** A stop was asked for: what is not answered soon is not waited for. */
  stopSoon(): void {
    const { clock, outage } = this.#options;
    const startMs = clock.nowMs();
    this.#endTicks ??= clock.every(STOP_TICK_MS, () => {
      const forMs = clock.nowMs() - startMs;
      const isInTrouble = this.#trouble !== null || outage.isOn;
      if (this.#asking === 0 || !isStopOver(forMs, isInTrouble)) return;
      const text = `no answer within ${Math.round(forMs / 1000)} s`;
      const reason = this.#trouble ? plainMessage(this.#trouble) : text;
      this.#ending.abort(new Error(reason));
    });
  }

  /** Ends what is being asked. */
  close(): void {
    this.#endTicks?.();
    this.#ending.abort(new Error("the run is ending"));
    this.#watch.close();
    this.#story.leave();
  }

  /** Null when there was no answer, and the request may be made again. */
  async #attempt<A extends CodeAnswer>(
    call: CoordinatorCall<A>,
  ): Promise<A | null> {
    const { doing } = call;
    const answered = this.#watch.request();
    let isSent = false;
    try {
      const found = await this.#finder.find(call.coordinator);
      // What the coordinator's finder refuses, the coordinator would.
      if ("errorCode" in found) return found as A;
      isSent = true;
      return await call.send(found.broker);
    } catch (error) {
      if (!isNoAnswer(error) && !isRetriable(error)) {
        const text = `Cannot ${doing}: ${plainMessage(error)}`;
        throw new WorldError(text, { cause: error });
      }
      this.#troubled(error as Error);
      if (!isSent || call.isRepeatable) return null;
      throw new RecoverableError(
        `Cannot ${doing}: ${plainMessage(error)}, so that it is not known ` +
          "whether it was done",
        { cause: error },
      );
    } finally {
      answered();
    }
  }

  #troubled(error: Error): void {
    this.#trouble = error;
    this.#story.trouble(error);
  }

  async #sleep(ms: number): Promise<void> {
    const { signal } = this.#ending;
    await sleep(ms, undefined, { signal }).catch(() => {});
  }
}

/** A code that time heals, as kafkajs would throw it, with the topic's name. */
function troubleOf(code: number, { topic }: { topic?: string }): Error {
  const error = Object.assign(errorOfCode(code), { retriable: true });
  if (code === CODES.unknownTopic && topic !== undefined) {
    error.message = `topic "${topic}": ${error.message}`;
  }
  return error;
}
