import { Random } from "../../src/generate/random.ts";
import type { Plan } from "./plan.ts";

const RECORDS_MAX = 9;

/** The batches of the logs of a plan: the same in each of its runs. */
export class PlannedBatches {
  /** By partition and offset: the last offset of the batch there. */
  readonly #lasts: readonly (readonly number[])[];

  constructor({ seed, logs }: Plan) {
    const random = new Random(seed + 2_000_000);
    this.#lasts = logs.map(({ length }) => {
      const lasts: number[] = [];
      while (lasts.length < length) {
        const count = random.between(1, RECORDS_MAX);
        const last = Math.min(length, lasts.length + count) - 1;
        while (lasts.length <= last) lasts.push(last);
      }
      return lasts;
    });
  }

  /** The last offset of the batch of an offset, itself where the log ends. */
  lastOf(partition: number, offset: number): number {
    return this.#lasts[partition]![offset] ?? offset;
  }
}
