/** Spreads the bits of a 32-bit integer: the finalizer of murmur3. */
export function mix32(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const TWO_TO_32 = 2 ** 32;

/** Seeded random numbers (xoshiro128**): the same seed, the same numbers. */
export class Random {
  // A typed array, as fields of an object would be boxed at each change.
  readonly #state = new Int32Array(4);

  constructor(seed: number) {
    // Seeds may exceed 32 bits, so that both halves count.
    const low = seed | 0;
    const high = Math.floor(seed / TWO_TO_32) | 0;
    for (let i = 0; i < 4; i++) {
      this.#state[i] = mix32(low + Math.imul(i + 1, 0x9e3779b9)) ^ mix32(high);
    }
    this.#state[3]! |= 1; // The state must not be all zeros.
  }

  /** The next integer, 0 to 2^32 - 1. */
  next(): number {
    const state = this.#state;
    const s1 = state[1]!;
    const times5 = Math.imul(s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const s2 = state[2]! ^ state[0]!;
    const s3 = state[3]! ^ s1;
    state[1] = s1 ^ s2;
    state[0] = state[0]! ^ s3;
    state[2] = s2 ^ (s1 << 9);
    state[3] = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** An integer from 0 up to, not including, `limit` (at most 2^32). */
  below(limit: number): number {
    return Math.floor((this.next() / TWO_TO_32) * limit);
  }

  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  /** One of `values`, which must not be empty. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}
