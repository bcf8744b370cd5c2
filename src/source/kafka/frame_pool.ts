/** Smaller frames are not worth keeping. */
const MIN_POOLED_BYTES = 16 * 1024;
/** Larger frames grow in steps of this. */
const STEP_BYTES = 256 * 1024;
/** Bytes that unused frames may occupy. */
const MAX_IDLE_BYTES = 16 * 1024 * 1024;

/** The bytes of one response. Goes back to its pool when nobody needs it. */
export class Frame {
  /** The response, without the length in front. */
  readonly bytes: Buffer;
  readonly #memory: Buffer;
  readonly #pool: FramePool;
  #holders = 1;
  /** Called when the last holder has released. */
  onFree: (() => void) | null = null;

  constructor(pool: FramePool, memory: Buffer, byteLength: number) {
    this.#pool = pool;
    this.#memory = memory;
    this.bytes = memory.subarray(0, byteLength);
  }

  /** One more holder, who will release. */
  retain(): void {
    this.#holders++;
  }

  /** One holder less; the last one gives the memory back. */
  release(): void {
    if (--this.#holders > 0) return;
    if (this.#holders < 0) {
      throw new Error("Cannot release frame: it has no holder any more");
    }
    this.#pool.give(this.#memory);
    this.onFree?.();
  }
}

/** Memory for responses, used again: megabytes a response are not garbage. */
export class FramePool {
  readonly #idle: Buffer[] = [];
  #idleBytes = 0;

  /** A frame of this size, with its caller as the one holder. */
  take(byteLength: number): Frame {
    return new Frame(this, this.#memoryOf(byteLength), byteLength);
  }

  /** Takes memory back; only frames call this. */
  give(memory: Buffer): void {
    const { length } = memory;
    if (length < MIN_POOLED_BYTES) return;
    if (this.#idleBytes + length > MAX_IDLE_BYTES) return;
    this.#idle.push(memory);
    this.#idleBytes += length;
  }

  #memoryOf(byteLength: number): Buffer {
    if (byteLength < MIN_POOLED_BYTES) return Buffer.allocUnsafe(byteLength);
    let best = -1;
    for (let index = 0; index < this.#idle.length; index++) {
      const { length } = this.#idle[index]!;
      const isBetter = best < 0 || length < this.#idle[best]!.length;
      if (length >= byteLength && isBetter) best = index;
    }
    if (best < 0) return Buffer.allocUnsafeSlow(roundUp(byteLength));
    const memory = this.#idle.splice(best, 1)[0]!;
    this.#idleBytes -= memory.length;
    return memory;
  }
}

/**
 * Powers of two, then steps of 256 KiB, so that a frame suits the next response
 * as well.
 */
function roundUp(byteLength: number): number {
  if (byteLength > STEP_BYTES) {
    return Math.ceil(byteLength / STEP_BYTES) * STEP_BYTES;
  }
  let rounded = MIN_POOLED_BYTES;
  while (rounded < byteLength) rounded *= 2;
  return rounded;
}
