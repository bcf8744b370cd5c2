/** Scans that a thread has at most: one that it works at, and one that waits. */
const SCANS_A_THREAD = 2;

/**
 * Which thread scans next: the one with the fewest scans under way, of several
 * the one with the fewest tasks of its shard. All others wait in main until a
 * thread is through with one: so a thread that is long in a task holds up two.
 */
export class ScanThreads {
  readonly #scans: number[];
  /** Number of tasks of a thread's own shard that are under way. */
  readonly #tasksOf: (thread: number) => number;
  /** Where the search begins: equals take turns. */
  #next = 0;

  constructor(threads: number, tasksOf: (thread: number) => number) {
    this.#scans = new Array(threads).fill(0);
    this.#tasksOf = tasksOf;
  }

  /**
   * Takes the thread for a scan; -1 when all have enough of them. `isLarge`: the
   * next one may go to the same thread, so that not each keeps large memory until
   * its next collection.
   */
  begin(isLarge = false): number {
    const { length } = this.#scans;
    let best = -1;
    let bestLoad = Infinity;
    for (let i = 0; i < length; i++) {
      const thread = (this.#next + i) % length;
      const scans = this.#scans[thread]!;
      if (scans >= SCANS_A_THREAD) continue;
      // There are always fewer tasks under way than this.
      const load = scans * 1024 + this.#tasksOf(thread);
      if (load >= bestLoad) continue;
      best = thread;
      bestLoad = load;
    }
    if (best < 0) return -1;
    this.#scans[best]!++;
    this.#next = isLarge ? best : (best + 1) % length;
    return best;
  }

  /** True when no scan is under way. */
  get areIdle(): boolean {
    return this.#scans.every((scans) => scans === 0);
  }

  /** A scan of the thread is done. */
  end(thread: number): void {
    this.#scans[thread]!--;
  }
}
