/**
 * The payloads of reports that wait for the outputs, and whether that is much.
 * What is put out behind an open barrier may wait until all shards have passed
 * it, so it must not keep those that have not.
 */
export class OutputFlow {
  readonly #limitBytes: number;
  #bytes = 0;
  /** Those of them that are behind the barrier that is open. */
  #behindBytes = 0;
  /** Number of barriers that all shards have passed. */
  #passed = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * The payload of a report, of so many bytes, is to be written; `isBehind` an
   * open barrier. The outputs have acknowledged it when the result is called.
   */
  reported(byteLength: number, isBehind: boolean): () => void {
    this.#bytes += byteLength;
    if (isBehind) this.#behindBytes += byteLength;
    const passed = this.#passed;
    return () => {
      this.#bytes -= byteLength;
      if (isBehind && this.#passed === passed) this.#behindBytes -= byteLength;
    };
  }

  /** All shards have passed the barrier: what is behind it is as any other. */
  passBarrier(): void {
    this.#passed++;
    this.#behindBytes = 0;
  }

  /** True when the outputs have as much to do as they may: shards must wait. */
  get isFull(): boolean {
    return this.#bytes > this.#limitBytes;
  }

  /** The same without what is behind an open barrier. */
  get isFullBefore(): boolean {
    return this.#bytes - this.#behindBytes > this.#limitBytes;
  }

  /** True when all that was reported is acknowledged. */
  get isEmpty(): boolean {
    return this.#bytes === 0;
  }
}
