/** How much may be under way. */
export interface FlowLimits {
  /** Bytes of records that wait for the shards. */
  readonly inFlightLimitBytes: number;
  /** Bytes of reports that wait for the outputs. */
  readonly outputLimitBytes: number;
}

/** What is under way to the shards and to the outputs, and whether that is much. */
export class Flow {
  readonly #limits: FlowLimits;
  #inFlightBytes = 0;
  #outputBytes = 0;

  constructor(limits: FlowLimits) {
    this.#limits = limits;
  }

  /** A task left with so many bytes of records. */
  sent(byteLength: number): void {
    this.#inFlightBytes += byteLength;
  }

  /** A shard has applied so many of them. */
  applied(byteLength: number): void {
    this.#inFlightBytes -= byteLength;
  }

  /** A report of so many bytes is to be written. */
  reported(byteLength: number): void {
    this.#outputBytes += byteLength;
  }

  /** The outputs have acknowledged so many of them. */
  written(byteLength: number): void {
    this.#outputBytes -= byteLength;
  }

  /** True when the outputs have as much to do as they may: shards must wait. */
  get isOutputFull(): boolean {
    return this.#outputBytes > this.#limits.outputLimitBytes;
  }

  /** True when all that was reported is acknowledged. */
  get isAllWritten(): boolean {
    return this.#outputBytes === 0;
  }

  /** True when records may be routed; so many bytes of them are not sent yet. */
  hasRoom(pendingBytes: number): boolean {
    const bytes = this.#inFlightBytes + pendingBytes;
    return bytes <= this.#limits.inFlightLimitBytes && !this.isOutputFull;
  }
}
