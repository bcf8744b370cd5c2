/** Pauses of the garbage collector in one or more threads, ms. */
export interface GcFigures {
  readonly pauses: number;
  readonly totalMs: number;
  readonly maxMs: number;
}

/** Pauses of the main thread, and of the workers together. */
export interface GcByThread {
  readonly main: GcFigures;
  readonly shards: GcFigures;
  /** Collections of a whole heap, in all threads. */
  readonly fullCollections: number;
}

const FULL = /ms: Mark-Compact/g;

// `[pid:isolate]  762 ms: Scavenge 9.2 (10.1) -> 8.7 (11.1) MB, pooled: 0 MB,
// 3.90 / 0.00 ms …`: the first of the last two is the pause.
const PAUSE = /^\[\d+:(0x[0-9a-f]+)\].*MB, ([\d.]+) \/ [\d.]+ ms/gm;

/** Reads what `node --trace-gc` prints; the main thread collects first. */
export function readGcTrace(trace: string): GcByThread {
  const byIsolate = new Map<string, number[]>();
  for (const [, isolate, ms] of trace.matchAll(PAUSE)) {
    const pauses = byIsolate.get(isolate!) ?? [];
    pauses.push(Number(ms));
    byIsolate.set(isolate!, pauses);
  }
  const [main = [], ...shards] = byIsolate.values();
  return {
    main: figuresOf(main),
    shards: figuresOf(shards.flat()),
    fullCollections: [...trace.matchAll(FULL)].length,
  };
}

function figuresOf(pausesMs: readonly number[]): GcFigures {
  return {
    pauses: pausesMs.length,
    totalMs: pausesMs.reduce((total, ms) => total + ms, 0),
    maxMs: pausesMs.reduce((longest, ms) => Math.max(longest, ms), 0),
  };
}
