/** The payloads of reports that wait for the outputs, and whether that is much. */
export class OutputFlow {
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The payload of a report, of so many bytes, is to be written. */
  reported(byteLength: number): void {
    this.#bytes += byteLength;
  }

  /** The outputs have acknowledged it. */
  written(byteLength: number): void {
    this.#bytes -= byteLength;
  }

  /** True when the outputs have as much to do as they may: shards must wait. */
  get isFull(): boolean {
    return this.#bytes > this.#limitBytes;
  }

  /** True when all that was reported is acknowledged. */
  get isEmpty(): boolean {
    return this.#bytes === 0;
  }
}
