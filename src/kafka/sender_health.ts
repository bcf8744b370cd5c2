import type { Clock } from "../clock.ts";
import { RecoverableError, WorldError } from "../errors.ts";
import { AnswerWatch } from "./answer_watch.ts";
import { plainMessage } from "./client.ts";
import { errorType, isRetriable } from "./client_trouble.ts";
import { isStopOver } from "./deadlines.ts";
import { CODES } from "./error_codes.ts";
import { missingAcl } from "./missing_acl.ts";
import type { Outage } from "./outage.ts";
import { PartStory } from "./part_story.ts";
import { errorOfCode } from "./private/send_seam.ts";
import type { Item } from "./request_plan.ts";
import type { TopicWriter } from "./topic_writer.ts";

const TICK_MS = 500;
/** A broker that restarts is back long before, ms. */
const GIVE_UP_MS = 120_000;
/** A topic that is not there for so long, ms, has been deleted. */
const MISSING_TOPIC_MS = 30_000;

/** What tells of a sender's troubles. */
export interface SenderHealthOptions {
  /** The story of the brokers. */
  readonly outage: Outage;
  readonly warn: (text: string) => void;
  readonly clock: Clock;
  /** What cannot be written is done again from the last commit on. */
  readonly isTransactional: boolean;
}

/**
 * Watches over a sender: tells the story of its troubles, with what waits, and
 * ends what has no hope.
 */
export class SenderHealth {
  readonly #writers: readonly TopicWriter[];
  readonly #options: SenderHealthOptions;
  readonly #stories = new Map<TopicWriter, PartStory>();
  /** Since when topics are not there, ms. */
  readonly #missingSinceMs = new Map<TopicWriter, number>();
  readonly #watch: AnswerWatch;
  readonly #endTicks: () => void;
  #stopAtMs: number | null = null;

  /** Watches until `close`. */
  constructor(writers: readonly TopicWriter[], options: SenderHealthOptions) {
    this.#writers = writers;
    this.#options = options;
    const { clock, outage: brokers } = options;
    this.#watch = new AnswerWatch({ brokers, part: "write requests", clock });
    this.#endTicks = clock.every(TICK_MS, () => this.#endIfStuck());
  }

  close(): void {
    this.#endTicks();
    this.#watch.close();
    for (const story of this.#stories.values()) story.leave();
  }

  /** A stop was asked for: what cannot be written now never will be. */
  stopSoon(): void {
    this.#stopAtMs ??= this.#options.clock.nowMs();
  }

  /** A request goes out; to be called when it is answered, or has failed. */
  request(): () => void {
    return this.#watch.request();
  }

  /** An attempt for a partition has failed, and is to be made again. */
  postpone(
    { writer, queue }: Pick<Item, "writer" | "queue">,
    error: unknown,
  ): void {
    if (writer.hasFailed) return;
    queue.postpone(error, this.#options.clock.nowMs());
    this.#troubled(writer, error);
  }

  /** Gives the topic up when there is no hope. */
  #troubled(writer: TopicWriter, error: unknown): void {
    const reason = plainMessage(error);
    if (!isRetriable(error)) {
      this.giveUp(writer, error);
      return;
    }
    const hopeless = this.#hopeless(writer, error);
    if (hopeless !== null) {
      const text = `${reason}, ${hopeless}`;
      const isPassing = errorType(error) !== "UNKNOWN_TOPIC_OR_PARTITION";
      const isRecoverable = isPassing && this.#options.isTransactional;
      const Kind = isRecoverable ? RecoverableError : Error;
      this.giveUp(writer, new Kind(text));
      return;
    }
    // The story is that of the topic for which this one was refused.
    if (isForAnother(error)) return;
    this.#storyOf(writer).trouble(error, () =>
      writer.isEmpty
        ? null
        : `${writer.waitingText} wait for topic "${writer.topic}"`,
    );
  }

  /** The brokers were looked for, and there is no answer. */
  unreachable(writer: TopicWriter, error: unknown): void {
    this.#storyOf(writer).trouble(error);
  }

  /** The topic is not there, though nothing may be written just now. */
  missing(writer: TopicWriter): void {
    this.#troubled(writer, errorOfCode(CODES.unknownTopic));
  }

  /** To be called after answers: ends the stories of what is well. */
  check(): void {
    this.#options.outage.well("answers");
    for (const [writer, story] of this.#stories) {
      if (writer.trouble !== null || writer.isMissing) continue;
      story.well();
      this.#missingSinceMs.delete(writer);
    }
  }

  /** Why there is no hope any more; null while there is. */
  #hopeless(writer: TopicWriter, error: unknown): string | null {
    const nowMs = this.#options.clock.nowMs();
    const forMs = nowMs - (writer.trouble?.sinceMs ?? nowMs);
    if (forMs > GIVE_UP_MS) return `for ${Math.round(forMs / 1000)} s`;
    if (errorType(error) !== "UNKNOWN_TOPIC_OR_PARTITION") {
      this.#missingSinceMs.delete(writer);
      return null;
    }
    const sinceMs = this.#missingSinceMs.get(writer) ?? nowMs;
    this.#missingSinceMs.set(writer, sinceMs);
    if (nowMs - sinceMs <= MISSING_TOPIC_MS) return null;
    return `for ${Math.round((nowMs - sinceMs) / 1000)} s: has it been deleted?`;
  }

  #storyOf(writer: TopicWriter): PartStory {
    const known = this.#stories.get(writer);
    if (known !== undefined) return known;
    const { topic, things } = writer;
    const { outage: brokers, ...options } = this.#options;
    const story = new PartStory({
      ...options,
      brokers,
      part: `topic ${topic}`,
      what: `Cannot write to topic "${topic}" now`,
      again: `Topic "${topic}" takes ${things} again`,
    });
    this.#stories.set(writer, story);
    return story;
  }

  /** Nothing is written to the topic any more, for this reason. */
  giveUp(writer: TopicWriter, error: unknown): void {
    const { topic, waitingText, isEmpty } = writer;
    const waits = isEmpty ? "" : `; ${waitingText} were not written`;
    const reason =
      missingAcl(errorType(error), { topic }) ?? plainMessage(error);
    const Kind =
      error instanceof RecoverableError ? RecoverableError : WorldError;
    const text = `Cannot write to topic "${topic}": ${reason}${waits}`;
    writer.fail(new Kind(text, { cause: error }));
    this.#stories.get(writer)?.leave();
  }

  /** Ends a stop that would never end, with one sentence for all topics. */
  #endIfStuck(): void {
    if (this.#stopAtMs === null) return;
    const forMs = this.#options.clock.nowMs() - this.#stopAtMs;
    const stuck = this.#writers.filter(({ isEmpty }) => !isEmpty);
    const troubles = stuck.flatMap(({ trouble }) => trouble ?? []);
    const trouble =
      troubles.find(({ error }) => !isForAnother(error)) ?? troubles[0];
    const isInTrouble = trouble !== undefined || this.#options.outage.isOn;
    if (!isStopOver(forMs, isInTrouble)) return;
    if (stuck.length === 0) return;
    const texts = stuck.map(
      ({ topic, waitingText }) =>
        `${waitingText} were not written to topic "${topic}"`,
    );
    const reason = trouble
      ? plainMessage(trouble.error)
      : `no answer within ${Math.round(forMs / 1000)} s`;
    const failure = new WorldError(
      `Cannot stop in good order: ${texts.join(", ")}: ${reason}`,
    );
    for (const writer of stuck) {
      writer.fail(failure);
      this.#stories.get(writer)?.leave();
    }
  }
}

function isForAnother(error: unknown): boolean {
  return errorType(error) === "OPERATION_NOT_ATTEMPTED";
}
