/** Address of no block. */
export const NONE = -1;

/** Bytes of a slab that blocks of one size share. */
export const SLAB_BYTES = 256 * 1024;

/** An address counts units of this many bytes, so that 31 bits are enough. */
export const UNIT_BYTES = 32;

/** `address >>> SLAB_SHIFT` is the index of the slab. */
export const SLAB_SHIFT = 13;

const UNIT_SHIFT = 5;
const UNIT_MASK = (1 << SLAB_SHIFT) - 1;

/**
 * A piece of memory outside the JavaScript heap, cut into blocks of one size.
 *
 *     blocks   | used | free | used | free | used | never used so far ...
 *                       |             ^                ^
 *     #firstFree -------|---> NONE <--'                '-- #freshBlocks
 *
 * The free ones are a list through their first words.
 */
export class Slab {
  readonly index: number;
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly ints: Int32Array;
  readonly doubles: Float64Array;
  /** Bytes of one block; changes when the empty slab gets another size. */
  blockBytes = 0;
  /** Size class of the blocks, NONE for a block that has a slab of its own. */
  sizeClass = NONE;
  usedBlocks = 0;
  #capacityBlocks = 0;
  #freshBlocks = 0;
  #firstFree = NONE;

  constructor(index: number, byteLength: number) {
    // Slow means an ArrayBuffer of its own, outside Node's shared pool.
    this.bytes = Buffer.allocUnsafeSlow(byteLength);
    const memory = this.bytes.buffer;
    this.index = index;
    this.view = new DataView(memory);
    this.ints = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }

  get isFull(): boolean {
    return this.usedBlocks === this.#capacityBlocks;
  }

  /** Cuts the slab, which must be empty, into blocks of another size. */
  cut(sizeClass: number, blockBytes: number): void {
    if (this.usedBlocks !== 0) {
      throw new Error(`Cannot cut slab: ${this.usedBlocks} blocks are in use`);
    }
    this.sizeClass = sizeClass;
    this.blockBytes = blockBytes;
    this.#capacityBlocks = Math.floor(this.bytes.length / blockBytes);
    this.#freshBlocks = 0;
    this.#firstFree = NONE;
  }

  /** Address of a block that is from now on in use. */
  take(): number {
    if (this.isFull) throw new Error("Cannot take block: the slab is full");
    this.usedBlocks++;
    const free = this.#firstFree;
    if (free !== NONE) {
      this.#firstFree = this.ints[intIndexOf(free)]!;
      return free;
    }
    const byteOffset = this.#freshBlocks++ * this.blockBytes;
    return (this.index << SLAB_SHIFT) | (byteOffset >>> UNIT_SHIFT);
  }

  /** Takes a block back. */
  give(address: number): void {
    if (this.usedBlocks === 0) {
      throw new Error("Cannot give block back: the slab has none in use");
    }
    this.usedBlocks--;
    this.ints[intIndexOf(address)] = this.#firstFree;
    this.#firstFree = address;
  }
}

/** Stands where no slab is, so that no field or list has a hole. */
export const NO_SLAB = new Slab(NONE, 0);

/** Where in its slab a block starts, in bytes. */
export function byteOffsetOf(address: number): number {
  return (address & UNIT_MASK) << UNIT_SHIFT;
}

/** Where in its slab a block starts, in 32-bit words. */
export function intIndexOf(address: number): number {
  return (address & UNIT_MASK) << (UNIT_SHIFT - 2);
}

/** Where in its slab a block starts, in doubles. */
export function doubleIndexOf(address: number): number {
  return (address & UNIT_MASK) << (UNIT_SHIFT - 3);
}
