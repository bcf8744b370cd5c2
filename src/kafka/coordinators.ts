import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { RecoverableError, WorldError } from "../errors.ts";
import { AnswerWatch } from "./answer_watch.ts";
import { plainMessage } from "./client.ts";
import { isNoAnswer, isRetriable } from "./client_trouble.ts";
import type { Outage } from "./outage.ts";
import { PartStory } from "./part_story.ts";
import type { BrokerPool, SendBroker } from "./private/send_seam.ts";
import { errorOfCode } from "./private/send_seam.ts";
import {
  type CodeAnswer,
  type CoordinatorKey,
  findCoordinator,
} from "./private/transaction_seam.ts";
import { CODES } from "./transaction_failure.ts";

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
  readonly send: (broker: SendBroker) => Promise<A>;
}

/** What coordinators are found with, and what tells of troubles with them. */
export interface CoordinatorsOptions {
  readonly pool: BrokerPool;
  /** Brokers are found by its metadata. */
  readonly topic: string;
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
  /** Node ids by kind and name. */
  readonly #nodes = new Map<string, number>();
  readonly #watch: AnswerWatch;
  readonly #story: PartStory;
  readonly #closing = new AbortController();

  constructor(options: CoordinatorsOptions) {
    this.#options = options;
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
   * or when this is closed, and what else kafkajs throws.
   */
  async ask<A extends CodeAnswer>(call: CoordinatorCall<A>): Promise<A> {
    const { clock } = this.#options;
    const startMs = clock.nowMs();
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#closing.signal.aborted) {
      const answer = await this.#attempt(call);
      const code = answer?.errorCode ?? null;
      const forMs = clock.nowMs() - startMs;
      const isGone = code === CODES.unknownTopic && forMs > MISSING_TOPIC_MS;
      const isFinal = isGone || !(MOVED.has(code!) || PASSING.has(code!));
      if (answer !== null && isFinal) {
        this.#story.well();
        return answer;
      }
      if (code === CODES.concurrentTransactions) {
        if (forMs > CONCURRENT_TROUBLE_MS) this.#story.trouble(troubleOf(code));
        const soonMs = CONCURRENT_PAUSE_MS + forMs / CONCURRENT_SLOWER;
        await this.#sleep(Math.min(LONGEST_PAUSE_MS, soonMs));
        continue;
      }
      if (code === null || MOVED.has(code)) this.#forget(call.coordinator);
      if (code !== null && forMs > MOVED_TROUBLE_MS) {
        this.#story.trouble(troubleOf(code));
      }
      await this.#sleep(pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
    }
    throw new RecoverableError(`Cannot ${call.doing}: the run is ending`);
  }

  /** Ends what is being asked. */
  close(): void {
    this.#closing.abort();
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
      const found = await this.#find(call.coordinator);
      // What the coordinator's finder refuses, the coordinator would.
      if ("errorCode" in found) return found as A;
      isSent = true;
      return await call.send(found.broker);
    } catch (error) {
      if (!isNoAnswer(error) && !isRetriable(error)) {
        const text = `Cannot ${doing}: ${plainMessage(error)}`;
        throw new WorldError(text, { cause: error });
      }
      this.#story.trouble(error);
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

  /** The coordinator, connected; or the code with which it was refused. */
  async #find(
    key: CoordinatorKey,
  ): Promise<{ readonly broker: SendBroker } | CodeAnswer> {
    const { pool, topic } = this.#options;
    let node = this.#nodes.get(nameOf(key));
    if (node === undefined) {
      const any = await pool.findConnectedBroker();
      const { errorCode, nodeId } = await findCoordinator(any, key);
      if (errorCode !== 0) return { errorCode };
      node = nodeId;
      if (!pool.getNodeIds().includes(String(node))) {
        // The topic may not be there yet: then those of all topics are asked.
        await pool
          .refreshMetadata([topic])
          .catch(() => pool.refreshMetadata([]));
      }
      this.#nodes.set(nameOf(key), node);
    }
    return { broker: await pool.findBroker({ nodeId: String(node) }) };
  }

  #forget(key: CoordinatorKey): void {
    this.#nodes.delete(nameOf(key));
  }

  async #sleep(ms: number): Promise<void> {
    const { signal } = this.#closing;
    await sleep(ms, undefined, { signal }).catch(() => {});
  }
}

function nameOf({ kind, name }: CoordinatorKey): string {
  return `${kind} ${name}`;
}

/** A code that time heals, as kafkajs would throw it. */
function troubleOf(code: number): Error {
  return Object.assign(errorOfCode(code), { retriable: true });
}
