import type { RecordOwner } from "../kafka/keyed_writer.ts";

/** A request is told after this, ms, that Kafka has not acknowledged its visits. */
const ACKNOWLEDGED_WITHIN_MS = 15_000;
const TICK_MS = 500;

/** A request that waits until its visits are in the topic. */
export class Acknowledgement implements RecordOwner {
  partitionsLeft = 0;
  readonly #sinceMs = performance.now();
  readonly #settled = Promise.withResolvers<void>();
  readonly #onSettled: (settled: Acknowledgement) => void;

  constructor(onSettled: (settled: Acknowledgement) => void) {
    this.#onSettled = onSettled;
  }

  /** Resolves when all are there; rejects when they may not be. */
  get whenThere(): Promise<void> {
    return this.#settled.promise;
  }

  isOverdue(nowMs: number): boolean {
    return nowMs - this.#sinceMs > ACKNOWLEDGED_WITHIN_MS;
  }

  acknowledged(): void {
    this.#onSettled(this);
    this.#settled.resolve();
  }

  failed(error: Error): void {
    this.#onSettled(this);
    this.#settled.reject(error);
  }
}

/** All that wait, the oldest first, none of them for ever. */
export class Acknowledgements {
  readonly #waiting = new Set<Acknowledgement>();
  readonly #timer: NodeJS.Timeout;

  /** Watches until `close`. */
  constructor() {
    this.#timer = setInterval(() => this.#endOverdue(), TICK_MS);
  }

  /** One more, for records that are written from here on. */
  begin(): Acknowledgement {
    const waiting = new Acknowledgement((settled) => {
      this.#waiting.delete(settled);
    });
    this.#waiting.add(waiting);
    return waiting;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #endOverdue(): void {
    const nowMs = performance.now();
    for (const waiting of this.#waiting) {
      if (!waiting.isOverdue(nowMs)) return;
      const seconds = ACKNOWLEDGED_WITHIN_MS / 1000;
      waiting.failed(new Error(`no acknowledgement for ${seconds} s`));
    }
  }
}
