import type { Clock } from "../clock.ts";
import type { Outage } from "./outage.ts";

const TICK_MS = 500;
/** Ticks without an answer after which a request is trouble: 3 s. */
const OVERDUE_TICKS = 6;
/** The story says how long it has lasted. */
const OVERDUE_TEXT = `no answer within ${(OVERDUE_TICKS * TICK_MS) / 1000} s`;

/** A request that waits for its answer. */
interface Request {
  ticks: number;
}

/** What watches over the requests of one part of a run. */
export interface AnswerWatchOptions {
  /** The story of the brokers, and the part's name in it. */
  readonly brokers: Outage;
  readonly part: string;
  /** See `PartTrouble`. */
  readonly isSlow?: boolean;
  readonly clock: Clock;
}

/**
 * Notices a broker that takes requests and does not answer them, long before
 * they time out. It counts ticks, not time: our own process may have slept.
 */
export class AnswerWatch {
  readonly #options: AnswerWatchOptions;
  readonly #requests = new Set<Request>();
  readonly #endTicks: () => void;
  #overdue = 0;

  /** Watches until `close`. */
  constructor(options: AnswerWatchOptions) {
    this.#options = options;
    this.#endTicks = options.clock.every(TICK_MS, () => this.#tick());
  }

  /** A request goes out; to be called when it is answered, or has failed. */
  request(): () => void {
    const request: Request = { ticks: 0 };
    this.#requests.add(request);
    return () => {
      if (!this.#requests.delete(request)) return;
      if (request.ticks < OVERDUE_TICKS || --this.#overdue > 0) return;
      this.#options.brokers.well(this.#options.part);
    };
  }

  close(): void {
    this.#endTicks();
    this.#requests.clear();
    this.#options.brokers.leave(this.#options.part);
  }

  #tick(): void {
    const { brokers, part, isSlow } = this.#options;
    for (const request of this.#requests) {
      if (++request.ticks === OVERDUE_TICKS) this.#overdue++;
      if (request.ticks < OVERDUE_TICKS) continue;
      brokers.trouble(part, { reason: OVERDUE_TEXT, isSlow });
    }
  }
}
