/** Why a load ended before it was over: it was told to, or others came. */
export type StopReason = "signal" | "others";

/** Ends a load early, and keeps the first reason. */
export class LoadStop {
  readonly #others = new AbortController();
  readonly signal: AbortSignal;
  #reason: StopReason | null = null;

  /** `asked`: aborted when the user wants it to end. */
  constructor(asked: AbortSignal) {
    this.signal = AbortSignal.any([asked, this.#others.signal]);
    const note = () => {
      this.#reason ??= this.#others.signal.aborted ? "others" : "signal";
    };
    if (this.signal.aborted) note();
    else this.signal.addEventListener("abort", note, { once: true });
  }

  /** Null while it goes on. */
  get reason(): StopReason | null {
    return this.#reason;
  }

  /** Others write to the topic. */
  othersCame(): void {
    this.#others.abort();
  }

  /** What `work` resolves to, or null when the load is stopped before that. */
  async unlessStopped<T>(work: Promise<T>): Promise<T | null> {
    const stopped = Promise.withResolvers<null>();
    const stop = () => stopped.resolve(null);
    if (this.signal.aborted) stop();
    this.signal.addEventListener("abort", stop, { once: true });
    // Nobody waits any more for what fails later.
    work.catch(() => {});
    try {
      return await Promise.race([work, stopped.promise]);
    } finally {
      this.signal.removeEventListener("abort", stop);
    }
  }
}
