import { WindowKernel } from "../kernel/host/window_kernel.ts";
import type { RecordRun } from "../record/record_batch.ts";

/**
 * Deals the records of a run out to the shards that own them, many in a call of
 * the kernel: src/kernel/scan/scatter.ts.
 */
export class Scatterer {
  readonly #kernel = new WindowKernel();
  readonly #shardCount: number;
  readonly #isByKey: number;
  /** Which part of the run the kernel has. */
  #from = 0;
  #end = 0;

  constructor(shardCount: number, routeBy: "visit_id" | "key") {
    this.#shardCount = shardCount;
    this.#isByKey = routeBy === "key" ? 1 : 0;
    this.#kernel.calls.createAreas(shardCount);
    this.#kernel.renew();
  }

  /** Gives the kernel what it has room for of a run, from its start on. */
  open(run: RecordRun): void {
    const { records } = this.#kernel;
    this.#from = run.start;
    this.#end = Math.min(run.end, run.start + records.length);
    run.bytes.copy(records, 0, this.#from, this.#end);
  }

  /**
   * Deals out the next records of the run, which then begins behind them, and
   * tells `take` what each shard gets, which is valid until it returns. Returns
   * their number: 0 when another must say whose the first one is, and move the
   * run's start behind it.
   */
  deal(
    run: RecordRun,
    take: (shard: number, records: RecordRun) => void,
  ): number {
    const dealt = this.#scatter(run);
    if (dealt === 0) return 0;
    const { bytes, calls } = this.#kernel;
    run.start = this.#from + calls.scatteredTo();
    run.count -= dealt;
    for (let shard = 0; shard < this.#shardCount; shard++) {
      const count = calls.areaCount(shard);
      if (count === 0) continue;
      const start = calls.areaOf(shard);
      const end = start + calls.areaLength(shard);
      take(shard, { bytes, start, end, count, base: run.base });
    }
    return dealt;
  }

  /** How many records lie in the kernel's areas now. */
  #scatter(run: RecordRun): number {
    if (run.start >= this.#end) this.open(run);
    let dealt = this.#scatterLoaded(run);
    // The first one was cut off: it may fit when the kernel's part begins there.
    const isCutOff = dealt === ~0 && run.start > this.#from;
    if (isCutOff && this.#end < run.end) {
      this.open(run);
      dealt = this.#scatterLoaded(run);
    }
    return dealt < 0 ? ~dealt : dealt;
  }

  #scatterLoaded({ start, count }: RecordRun): number {
    const at = start - this.#from;
    const end = this.#end - this.#from;
    return this.#kernel.calls.scatter(at, end, count, this.#isByKey);
  }
}
