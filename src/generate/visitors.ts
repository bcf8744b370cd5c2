import type { Random } from "./random.ts";
import { VisitorClock } from "./visitor_clock.ts";

const PAGES_MIN = 5;
const PAGES_MAX = 20;
const STEP_MIN_SECONDS = 60;
const STEP_MAX_SECONDS = 5 * 60;
const QUICK_STEP_MAX_SECONDS = 30;
const ONE_QUICK_STEP_IN = 300;

/** What `Visitors` knows of a visit. */
export interface VisitorStep {
  /** Serial number of the visitor. */
  serial: number;
  /** Event time in seconds since the start of the stream. */
  eventSeconds: number;
}

/**
 * The visitors that are active at the same time. Each one sends some pages,
 * minutes apart, then leaves, and a new one takes its place. A visit arrives a
 * little after its event time, so that the stream is slightly out of order.
 */
export class Visitors {
  readonly #random: Random;
  readonly #clock: VisitorClock;
  readonly #serials: Int32Array;
  readonly #pagesLeft: Uint8Array;
  readonly #eventSeconds: Int32Array;
  #nextSerial = 0;

  constructor(active: number, random: Random) {
    this.#random = random;
    this.#clock = new VisitorClock(active);
    this.#serials = new Int32Array(active);
    this.#pagesLeft = new Uint8Array(active);
    this.#eventSeconds = new Int32Array(active);
    for (let visitor = 0; visitor < active; visitor++) {
      this.#eventSeconds[visitor] = random.below(STEP_MAX_SECONDS);
      this.#welcome(visitor);
      this.#schedule(visitor);
    }
  }

  /** When the last visit arrived, in seconds since the start of the stream. */
  get nowSeconds(): number {
    return this.#clock.nowSeconds;
  }

  /** Writes the visit that arrives next into `step`. */
  next(step: VisitorStep): void {
    const visitor = this.#clock.take();
    step.serial = this.#serials[visitor]!;
    step.eventSeconds = this.#eventSeconds[visitor]!;
    this.#pagesLeft[visitor]! -= 1;
    if (this.#pagesLeft[visitor] === 0) this.#welcome(visitor);
    this.#eventSeconds[visitor]! += this.#drawStepSeconds();
    this.#schedule(visitor);
  }

  #welcome(visitor: number): void {
    this.#serials[visitor] = this.#nextSerial++;
    this.#pagesLeft[visitor] = this.#random.between(PAGES_MIN, PAGES_MAX);
  }

  #schedule(visitor: number): void {
    const arrival = this.#eventSeconds[visitor]! + this.#drawDelaySeconds();
    this.#clock.schedule(visitor, Math.max(arrival, this.#clock.nowSeconds));
  }

  #drawStepSeconds(): number {
    return this.#random.below(ONE_QUICK_STEP_IN) === 0
      ? this.#random.between(1, QUICK_STEP_MAX_SECONDS)
      : this.#random.between(STEP_MIN_SECONDS, STEP_MAX_SECONDS);
  }

  /** Mostly a few seconds, one in 16 up to 1 minute, one in 1024 up to 5. */
  #drawDelaySeconds(): number {
    const chance = this.#random.below(1024);
    if (chance === 0) return this.#random.between(60, 300);
    return chance < 64 ? this.#random.between(4, 60) : chance & 3;
  }
}
