/** Wakes one waiter; a signal given while nobody waits is kept for the next. */
export class Signal {
  #isSet = false;
  #wake: (() => void) | null = null;

  /** Wakes the waiter, or lets the next `wait` pass. */
  set(): void {
    this.#isSet = true;
    this.#wake?.();
  }

  /** Resolves when the signal is given, and takes it back. */
  async wait(): Promise<void> {
    if (!this.#isSet) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    this.#isSet = false;
  }
}
