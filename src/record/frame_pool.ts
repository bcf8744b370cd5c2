/** The smallest frame; up to a step, the sizes are powers of two. */
const BYTES_MIN = 16 * 1024;
/** Larger frames grow in steps of this, */
const STEP_BYTES = 256 * 1024;
/** and very large ones in steps of about such a part of themselves. */
const STEP_PART = 1 / 16;
/** Bytes that unused frames may occupy in any case, unless the owner says so. */
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
 * and the first touch of its pages costs more than what is read into them. Nor
 * does V8 count shared memory: what the pool drops stays until each thread that
 * has seen it happens to collect. So it keeps as much as was in use at a time.
 */
export class FramePool {
  readonly #idleBytesMax: number;
  /** In the order in which they were given back. */
  #idle: SharedArrayBuffer[] = [];
  #idleBytes = 0;
  #usedBytes = 0;
  /** The most that was in use at a time. */
  #peakBytes = 0;

  /**
   * `idleBytesMax` bounds the memory that is kept though nobody uses it, unless
   * more of it was in use at a time.
   */
  constructor(idleBytesMax = IDLE_BYTES_MAX) {
    this.#idleBytesMax = idleBytesMax;
  }

  /** Bytes of memory that nobody uses now. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** A frame of this size, with its caller as the one holder. */
  take(byteLength: number): Frame {
    return this.#use(this.#memoryOf(byteLength), byteLength);
  }

  /** All of some memory that another thread has made, as one of its own frames. */
  adopt(memory: SharedArrayBuffer): Frame {
    return this.#use(memory, memory.byteLength);
  }

  /** Takes memory back; only frames call this. */
  give(memory: SharedArrayBuffer): void {
    this.#idle.push(memory);
    this.#idleBytes += memory.byteLength;
    this.#usedBytes -= memory.byteLength;
    const bytesMax = Math.max(this.#idleBytesMax, this.#peakBytes);
    // What was not asked for lately may be of sizes that nobody asks for.
    while (this.#idleBytes > bytesMax) this.#takeIdle(0);
  }

  #use(memory: SharedArrayBuffer, byteLength: number): Frame {
    this.#usedBytes += memory.byteLength;
    this.#peakBytes = Math.max(this.#peakBytes, this.#usedBytes);
    return new Frame(this, memory, byteLength);
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
    const steps = Math.floor((byteLength * STEP_PART) / STEP_BYTES);
    const step = STEP_BYTES * 2 ** Math.floor(Math.log2(Math.max(1, steps)));
    return Math.ceil(byteLength / step) * step;
  }
  let size = BYTES_MIN;
  while (size < byteLength) size *= 2;
  return size;
}
