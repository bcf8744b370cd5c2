import type { RecordFrame } from "./record_frame.ts";

interface HeldRecord {
  readonly value: Buffer;
  readonly key: Buffer;
  readonly dueSeconds: number;
}

/** Duplicates that are sent a bit later than their originals. */
export class HeldDuplicates {
  // Bounded by how many visits arrive within the longest delay.
  readonly #records: HeldRecord[] = [];
  #taken = 0;

  get isEmpty(): boolean {
    return this.#taken === this.#records.length;
  }

  /** Keeps a copy of the frame's last record until `dueSeconds` or later. */
  hold(frame: RecordFrame, dueSeconds: number): void {
    const last = frame.count - 1;
    const { bytes } = frame;
    const start = frame.valueStart(last);
    const keyStart = frame.keyStart(last);
    this.#records.push({
      value: Buffer.from(
        bytes.subarray(start, start + frame.valueLength(last)),
      ),
      key: Buffer.from(
        bytes.subarray(keyStart, keyStart + frame.keyLength(last)),
      ),
      dueSeconds: Math.max(dueSeconds, this.#records.at(-1)?.dueSeconds ?? 0),
    });
  }

  /** Adds the oldest one to the frame if it is due; false when it is not. */
  release(frame: RecordFrame, nowSeconds: number): boolean {
    const held = this.#records[this.#taken];
    if (held === undefined || held.dueSeconds > nowSeconds) return false;
    held.value.copy(frame.bytes, frame.end);
    frame.addWithKey(held.value.length, held.key);
    this.#taken++;
    if (this.#taken > 1024 && this.#taken * 2 > this.#records.length) {
      this.#records.splice(0, this.#taken);
      this.#taken = 0;
    }
    return true;
  }
}
