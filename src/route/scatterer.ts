import type { RecordRun } from "../source/source.ts";
import { WindowKernel } from "../window/window_kernel.ts";

/** Some records of a run that are all of one shard. */
export interface ShardRecords {
  readonly shard: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/**
 * Deals the records of a run out to the shards that own them, many in a call of
 * the kernel: src/window/kernel/scatter.ts.
 */
export class Scatterer {
  readonly #kernel = new WindowKernel();
  readonly #shardCount: number;
  readonly #isByKey: number;

  constructor(shardCount: number, routeBy: "visit_id" | "key") {
    this.#shardCount = shardCount;
    this.#isByKey = routeBy === "key" ? 1 : 0;
    this.#kernel.calls.createAreas(shardCount);
    this.#kernel.renew();
  }

  /**
   * Deals out the next records of a run, which then begins behind them, and
   * tells `take` what each shard gets. Returns their number: 0 when another
   * must say whose the first one is.
   */
  deal(run: RecordRun, take: (records: ShardRecords) => void): number {
    const { calls, records, bytes } = this.#kernel;
    const end = Math.min(run.end, run.start + records.length);
    run.bytes.copy(records, 0, run.start, end);
    const byteLength = end - run.start;
    const dealt = calls.scatter(0, byteLength, run.count, this.#isByKey);
    if (dealt === 0) return 0;
    run.start += calls.scatteredTo();
    run.count -= dealt;
    for (let shard = 0; shard < this.#shardCount; shard++) {
      const count = calls.areaCount(shard);
      if (count === 0) continue;
      const start = calls.areaOf(shard);
      take({
        shard,
        bytes,
        start,
        end: start + calls.areaLength(shard),
        count,
      });
    }
    return dealt;
  }
}
