import {
  NO_SLAB,
  NONE,
  SLAB_BYTES,
  SLAB_SHIFT,
  Slab,
  UNIT_BYTES,
} from "./slab.ts";

/** Blocks above this size get a slab of their own. */
const SHARED_UNITS_MAX = 2048;

/** Indexes above would not fit into an address of 31 bits: 64 GiB. */
const SLABS_MAX = 2 ** (31 - SLAB_SHIFT);

/** Empty slabs kept for the next need: a few, or this share of all. */
const SPARES_MIN = 4;
const SPARES_SHARE = 1 / 8;

/** Units of a block, by size class: four steps to each doubling. */
const UNITS_OF_CLASS = listClasses();

/** The smallest class that holds a number of units. */
const CLASS_OF_UNITS = indexClasses(UNITS_OF_CLASS);

/**
 * Blocks of memory by address, in slabs that each hold blocks of one size
 * class. An empty slab serves any class next; beyond a few spare ones empty
 * slabs go back to the system, so that memory follows the load down.
 */
export class SlabArena {
  #slabs: Slab[] = [];
  #freeIndexes: number[] = [];
  /** By size class: its slabs that have a free block. */
  readonly #open: Slab[][] = UNITS_OF_CLASS.map(() => []);
  readonly #spares: Slab[] = [];
  #bytesHeld = 0;
  #blocks = 0;

  /** Bytes of all slabs, spare ones included. */
  get bytesHeld(): number {
    return this.#bytesHeld;
  }

  /** Blocks in use. */
  get blocks(): number {
    return this.#blocks;
  }

  /** The slab that a block lies in. */
  slabOf(address: number): Slab {
    return this.#slabs[address >>> SLAB_SHIFT]!;
  }

  /** Address of a new block of at least `byteLength` bytes, not cleared. */
  allocate(byteLength: number): number {
    const units = Math.ceil(byteLength / UNIT_BYTES);
    this.#blocks++;
    if (units > SHARED_UNITS_MAX) return this.#allocateAlone(units).take();
    const sizeClass = CLASS_OF_UNITS[units]!;
    const open = this.#open[sizeClass]!;
    const slab = open.length > 0 ? open.at(-1)! : this.#openSlab(sizeClass);
    const address = slab.take();
    if (slab.isFull) open.pop();
    return address;
  }

  /** Takes a block back; its address is dead. */
  free(address: number): void {
    const slab = this.slabOf(address);
    const wasFull = slab.isFull;
    slab.give(address);
    this.#blocks--;
    if (slab.sizeClass === NONE) {
      this.#drop(slab);
      return;
    }
    const open = this.#open[slab.sizeClass]!;
    if (wasFull) open.push(slab);
    if (slab.usedBlocks === 0) this.#retire(slab, open);
  }

  #openSlab(sizeClass: number): Slab {
    const slab = this.#spares.pop() ?? this.#addSlab(SLAB_BYTES);
    slab.cut(sizeClass, UNITS_OF_CLASS[sizeClass]! * UNIT_BYTES);
    this.#open[sizeClass]!.push(slab);
    return slab;
  }

  #allocateAlone(units: number): Slab {
    const byteLength = units * UNIT_BYTES;
    const slab = this.#addSlab(byteLength);
    slab.cut(NONE, byteLength);
    return slab;
  }

  #addSlab(byteLength: number): Slab {
    const index = this.#freeIndexes.pop() ?? this.#slabs.length;
    if (index >= SLABS_MAX) {
      throw new Error(
        `Cannot grow window store: it holds ${this.#bytesHeld} bytes, the most that addresses reach`,
      );
    }
    const slab = new Slab(index, byteLength);
    this.#slabs[index] = slab;
    this.#bytesHeld += byteLength;
    return slab;
  }

  #retire(slab: Slab, open: Slab[]): void {
    open.splice(open.lastIndexOf(slab), 1);
    const inUse = this.#slabs.length - this.#freeIndexes.length;
    const sparesMax = Math.max(SPARES_MIN, Math.floor(inUse * SPARES_SHARE));
    if (this.#spares.length < sparesMax) this.#spares.push(slab);
    else this.#drop(slab);
    while (this.#spares.length > sparesMax) this.#drop(this.#spares.pop()!);
  }

  #drop(slab: Slab): void {
    this.#bytesHeld -= slab.bytes.length;
    this.#slabs[slab.index] = NO_SLAB;
    this.#freeIndexes.push(slab.index);
  }
}

function listClasses(): number[] {
  const units = [1, 2, 3, 4];
  for (let base = 4; base < SHARED_UNITS_MAX; base *= 2) {
    for (let step = 1; step <= 4; step++) units.push(base + (base / 4) * step);
  }
  return units;
}

function indexClasses(unitsOfClass: readonly number[]): Uint8Array {
  const classOfUnits = new Uint8Array(SHARED_UNITS_MAX + 1);
  let sizeClass = 0;
  for (let units = 0; units <= SHARED_UNITS_MAX; units++) {
    if (units > unitsOfClass[sizeClass]!) sizeClass++;
    classOfUnits[units] = sizeClass;
  }
  return classOfUnits;
}
