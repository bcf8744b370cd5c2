/** The smallest frame; up to a step, the sizes are powers of two. */
const BYTES_MIN = 16 * 1024;
/** Larger frames grow in steps of this. */
const STEP_BYTES = 256 * 1024;
/** Bytes that unused frames may occupy, unless the owner says otherwise. */
const IDLE_BYTES_MAX = 16 * 1024 * 1024;

/** Some shared memory. Goes back to its pool when nobody needs it. */
export class Frame {
  /** As many bytes as were asked for, from the start of their memory. */
  readonly bytes: Buffer;
  readonly #pool: FramePool;
  #holders = 1;
  /** Called when the last holder has released. */
  onFree: (() => void) | null = null;

  constructor(pool: FramePool, memory: SharedArrayBuffer, byteLength: number) {
    this.#pool = pool;
    this.bytes = Buffer.from(memory, 0, byteLength);
  }

  /** The memory, which is shared and may be larger than the bytes. */
  get memory(): SharedArrayBuffer {
    return this.bytes.buffer as SharedArrayBuffer;
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
    this.#pool.give(this.memory);
    this.onFree?.();
  }
}

/**
 * Shared memory that is used again, also for small frames: V8 clears a new one,
 * and the first touch of its pages costs more than what is read into them.
 */
export class FramePool {
  readonly #idleBytesMax: number;
  /** In the order in which they were given back. */
  #idle: SharedArrayBuffer[] = [];
  #idleBytes = 0;

  /** `idleBytesMax` bounds the memory that is kept though nobody uses it. */
  constructor(idleBytesMax = IDLE_BYTES_MAX) {
    this.#idleBytesMax = idleBytesMax;
  }

  /** Bytes of memory that nobody uses now. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** A frame of this size, with its caller as the one holder. */
  take(byteLength: number): Frame {
    return new Frame(this, this.#memoryOf(byteLength), byteLength);
  }

  /** Takes memory back; only frames call this. */
  give(memory: SharedArrayBuffer): void {
    const { byteLength } = memory;
    if (byteLength > this.#idleBytesMax) return;
    this.#idle.push(memory);
    this.#idleBytes += byteLength;
    // What was not asked for lately may be of sizes that nobody asks for.
    while (this.#idleBytes > this.#idleBytesMax) this.#takeIdle(0);
  }

  #memoryOf(byteLength: number): SharedArrayBuffer {
    const size = frameSize(byteLength);
    // A large frame for a small request is one that large requests lack.
    const isSmall = size <= STEP_BYTES;
    let best = -1;
    let bestSize = isSmall ? size + 1 : Number.POSITIVE_INFINITY;
    // From the last one given back, which the caches may still have.
    for (let index = this.#idle.length - 1; index >= 0; index--) {
      const idleSize = this.#idle[index]!.byteLength;
      if (idleSize < size || idleSize >= bestSize) continue;
      best = index;
      bestSize = idleSize;
      if (idleSize === size) break;
    }
    return best < 0 ? new SharedArrayBuffer(size) : this.#takeIdle(best);
  }

  #takeIdle(index: number): SharedArrayBuffer {
    const memory = this.#idle.splice(index, 1)[0]!;
    this.#idleBytes -= memory.byteLength;
    return memory;
  }
}

/** Memory for so many bytes: a size that suits the next request as well. */
function frameSize(byteLength: number): number {
  if (byteLength > STEP_BYTES) {
    return Math.ceil(byteLength / STEP_BYTES) * STEP_BYTES;
  }
  let size = BYTES_MIN;
  while (size < byteLength) size *= 2;
  return size;
}
