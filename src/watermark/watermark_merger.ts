/**
 * Merges the local watermarks of the shards: the merged watermark is their
 * minimum and never goes back. A shard's tasks are first in, first out, and a
 * clock that main tells a shard travels behind every visit that was routed to
 * it before, so the last report of each shard is all that the minimum needs.
 */
export class WatermarkMerger {
  readonly #localMs: Float64Array;
  #mergedMs = -Infinity;

  constructor(shardCount: number) {
    this.#localMs = new Float64Array(shardCount).fill(-Infinity);
  }

  /** The merged watermark, ms; -Infinity before the first. */
  get mergedMs(): number {
    return this.#mergedMs;
  }

  /** Takes a shard's local watermark; returns true if the merged one moved. */
  report(shard: number, localMs: number): boolean {
    if (Number.isNaN(localMs)) {
      throw new RangeError(
        `Cannot merge watermark of shard ${shard}: it is NaN`,
      );
    }
    this.#localMs[shard] = localMs;
    let minMs = Infinity;
    for (const ms of this.#localMs) if (ms < minMs) minMs = ms;
    if (minMs <= this.#mergedMs) return false;
    this.#mergedMs = minMs;
    return true;
  }

  /**
   * Begins a new assignment of partitions at a watermark, ms: all shards must be
   * heard again before it moves.
   */
  restart(watermarkMs = -Infinity): void {
    if (!(watermarkMs < Infinity)) {
      throw new RangeError(
        `Cannot begin an assignment at watermark ${watermarkMs}: it must be ` +
          "before the end of time",
      );
    }
    this.#localMs.fill(-Infinity);
    this.#mergedMs = watermarkMs;
  }
}
