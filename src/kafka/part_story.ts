import { plainMessage } from "./client.ts";
import { errorType, isNoAnswer } from "./client_trouble.ts";
import { Outage, type OutageOptions } from "./outage.ts";

/** What a part of a run is called, and the story that it may be a part of. */
export interface PartStoryOptions extends OutageOptions {
  /** One name for each part. */
  readonly part: string;
  /** The story of the brokers. */
  readonly brokers: Outage;
  /** See `PartTrouble`. */
  readonly isSlow?: boolean;
}

/**
 * The troubles of one part of a run with Kafka: those of the brokers belong to
 * the brokers' story, and while that goes on all others do; else there is one
 * of its own.
 */
export class PartStory {
  readonly #options: PartStoryOptions;
  readonly #own: Outage;

  constructor(options: PartStoryOptions) {
    this.#options = options;
    this.#own = new Outage(options);
  }

  /** An attempt has failed; `waits` says what waits for a later one. */
  trouble(error: unknown, waits?: () => string | null): void {
    const { part, brokers, isSlow } = this.#options;
    const trouble = { reason: plainMessage(error), waits, isSlow };
    const isGone = errorType(error) === "UNKNOWN_TOPIC_OR_PARTITION";
    if (isNoAnswer(error) || (brokers.isOn && !isGone)) {
      brokers.trouble(part, trouble);
    } else {
      brokers.well(part);
      this.#own.trouble(part, trouble);
    }
  }

  /** All is well. */
  well(): void {
    const { part, brokers } = this.#options;
    brokers.well(part);
    this.#own.well(part);
  }

  /** Nothing is needed any more. */
  leave(): void {
    const { part, brokers } = this.#options;
    brokers.leave(part);
    this.#own.leave(part);
  }
}
