/** One who waits. */
interface Waiter {
  readonly isTrue: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Promises that wait for a condition which is looked at after each change, until
 * the job fails: the first failure is that of all.
 */
export class Waiters {
  readonly #waiting: Waiter[] = [];
  readonly #onFailure: (error: unknown) => void;
  #failure: { readonly error: unknown } | null = null;

  /** `onFailure` hears of the first failure that `lose` is told. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Resolves at once, or after the change that makes the condition true. */
  until(isTrue: () => boolean): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    if (isTrue()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ isTrue, resolve, reject });
    });
  }

  /** Something changed: looks at the conditions again. */
  notify(): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      if (!this.#waiting[i]!.isTrue()) continue;
      const [waiter] = this.#waiting.splice(i, 1);
      waiter!.resolve();
    }
  }

  /** True when no condition will come true any more. */
  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /**
   * No condition will come true any more: rejects all, now and later, with the
   * first error. True when this is the first.
   */
  fail(error: unknown): boolean {
    if (this.#failure !== null) return false;
    this.#failure = { error };
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
    return true;
  }

  /** The job cannot go on: fails, and says so when this is the first. */
  lose(error: unknown): void {
    if (this.fail(error)) this.#onFailure(error);
  }

  /** Does what ends the job should it throw; nothing any more when it has ended. */
  attempt(work: () => void): void {
    if (this.hasFailed) return;
    try {
      work();
    } catch (error) {
      this.lose(error);
    }
  }

  /** Throws the error that rejects all, if there is one. */
  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
