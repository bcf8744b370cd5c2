/** Capacity, in entries, that an empty list may keep. */
const KEPT_CAPACITY = 64;

/** A growing list of rows, each with an integer beside it. */
export class RowList {
  length = 0;
  #entries = new Int32Array(0);

  get bytesHeld(): number {
    return this.#entries.byteLength;
  }

  push(row: number, value: number): void {
    const at = 2 * this.length;
    if (at === this.#entries.length) this.#grow();
    this.#entries[at] = row;
    this.#entries[at + 1] = value;
    this.length++;
  }

  #grow(): void {
    const grown = new Int32Array(Math.max(16, 2 * this.#entries.length));
    grown.set(this.#entries);
    this.#entries = grown;
  }

  rowAt(index: number): number {
    return this.#entries[2 * index]!;
  }

  valueAt(index: number): number {
    return this.#entries[2 * index + 1]!;
  }

  /** Empties the list, and gives its memory back when that is much. */
  clear(): void {
    this.length = 0;
    if (this.#entries.length > 2 * KEPT_CAPACITY) {
      this.#entries = new Int32Array(0);
    }
  }

  /** Sorts by the integers, which are from 0 to `limit - 1`; stable. */
  sortByValue(limit: number): void {
    if (this.#isSorted()) return;
    const places = new Int32Array(limit);
    for (let i = 0; i < this.length; i++) places[this.valueAt(i)]!++;
    let sum = 0;
    for (let value = 0; value < limit; value++) {
      const count = places[value]!;
      places[value] = sum;
      sum += count;
    }
    const sorted = new Int32Array(this.#entries.length);
    for (let i = 0; i < this.length; i++) {
      const at = 2 * places[this.valueAt(i)]!++;
      sorted[at] = this.rowAt(i);
      sorted[at + 1] = this.valueAt(i);
    }
    this.#entries = sorted;
  }

  #isSorted(): boolean {
    for (let i = 1; i < this.length; i++) {
      if (this.valueAt(i - 1) > this.valueAt(i)) return false;
    }
    return true;
  }
}
