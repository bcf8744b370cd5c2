import { checkoutOf, countOf, countsOf, optionError } from "./bench_options.ts";
import { type Samples, samplesOf } from "./compare_reports.ts";
import { runProcessor } from "./processor.ts";
import {
  makeScaleInput,
  type ScaleCase,
  type ScaleInput,
} from "./scale_inputs.ts";
import {
  medianSlope,
  plannedVisitsPerSecond,
  type Slope,
  slopeOf,
} from "./slopes.ts";
import { median } from "./statistics.ts";
import { figureText, print, type TableRow } from "./table.ts";

const MEGA = 1e6;
const PLANNED_CORES = [4, 8, 16, 32];

/** What a table of workers is made of. */
export interface WorkerTableOptions {
  readonly workers: readonly number[];
  /** Visits of the smaller and of the larger run. */
  readonly sizes: readonly [number, number];
  readonly rounds: number;
  /** Folder of another checkout that runs in turn; null for none. */
  readonly peer: string | null;
}

/** A system with so many workers, and its slopes round by round. */
interface Measured {
  readonly system: "ours" | "peer";
  readonly workers: number;
  readonly slopes: Slope[];
}

/** A table of workers, and all that it was made from. */
export interface WorkerTable {
  readonly rows: TableRow[];
  /** Ours over the peer's; empty where there is none. */
  readonly ratios: TableRow[];
  readonly measured: readonly Measured[];
}

/** Measures one case with all numbers of workers, in turn. */
export async function workerTable(
  scaleCase: ScaleCase,
  options: WorkerTableOptions,
): Promise<WorkerTable> {
  const fewer = scaleCase.fewerVisits ?? 1;
  const sizes = options.sizes.map((size) => Math.ceil(size / fewer));
  const input = await makeScaleInput(scaleCase, sizes);
  const systems = options.peer === null ? ["ours"] : ["ours", "peer"];
  const measured = options.workers.flatMap((workers) =>
    systems.map((system) => ({ system, workers, slopes: [] }) as Measured),
  );
  const table = new Rounds(input, { sizes, peer: options.peer });
  try {
    await table.warmUp(measured);
    for (let round = 0; round < options.rounds; round++) {
      const order = round % 2 === 0 ? measured : measured.toReversed();
      for (const each of order) await table.measure(each);
    }
  } finally {
    await input.close();
  }
  const isSkewed = scaleCase.shape === "skewed-keys";
  return {
    rows: rowsOf(measured, isSkewed),
    ratios: ratiosOf(measured),
    measured,
  };
}

/** What each number of workers cost, round by round. */
export function workerSamples(
  name: string,
  { measured }: WorkerTable,
): Samples {
  const parts = measured.map(({ system, workers, slopes }) =>
    samplesOf(`${name} ${system} ${workers} workers:`, slopes),
  );
  return Object.assign({}, ...parts);
}

/** Reads the options of the tables by workers. */
export function workerTableOptions(options: {
  readonly workers: string;
  readonly sizes: string;
  readonly rounds: string;
  readonly peer: string | null;
}): WorkerTableOptions {
  const [few, many, ...more] = countsOf("sizes", options.sizes);
  if (many === undefined || many <= few! || more.length > 0) {
    const right = "two numbers of visits, the smaller one first";
    throw optionError("sizes", options.sizes, right);
  }
  return {
    workers: countsOf("workers", options.workers),
    sizes: [few!, many],
    rounds: countOf("rounds", options.rounds),
    peer: options.peer === null ? null : checkoutOf("peer", options.peer),
  };
}

class Rounds {
  readonly #input: ScaleInput;
  readonly #sizes: readonly number[];
  readonly #peer: string | null;

  constructor(
    input: ScaleInput,
    options: { sizes: readonly number[]; peer: string | null },
  ) {
    this.#input = input;
    this.#sizes = options.sizes;
    this.#peer = options.peer;
  }

  /** A run of each system that does not count: the broker compiles its code. */
  async warmUp(measured: readonly Measured[]): Promise<void> {
    const systems = new Map(measured.map((each) => [each.system, each]));
    for (const each of systems.values()) await this.#run(this.#sizes[1]!, each);
  }

  async measure(each: Measured): Promise<void> {
    const few = await this.#run(this.#sizes[0]!, each);
    const many = await this.#run(this.#sizes[1]!, each);
    const slope = slopeOf(few, many);
    each.slopes.push(slope);
    const { system, workers } = each;
    const { main, all } = slope;
    const costs = `main ${figureText(main)}, all ${figureText(all)} µs a visit`;
    print(`  ${system}, ${workers} workers: ${costs}`);
  }

  async #run(visits: number, { system, workers }: Measured) {
    const checkout = system === "peer" ? this.#peer! : undefined;
    const figures = await this.#input.use(visits, (args) =>
      runProcessor([...args, "--workers", String(workers)], checkout),
    );
    const { visitsIn } = figures.summary;
    if (visitsIn === visits) return figures;
    throw new Error(
      `Cannot compare: ${system} read ${visitsIn} visits of ${visits}`,
    );
  }
}

function rowsOf(measured: readonly Measured[], isSkewed: boolean): TableRow[] {
  const medians = measured.map((each) => ({
    ...each,
    slope: medianSlope(each.slopes),
  }));
  return medians.map(({ system, workers, slope }) => {
    const least = medians.find((each) => each.system === system)!;
    const aWorker = (name: "startSeconds" | "readySeconds") =>
      (1000 * (slope[name] - least.slope[name])) / (workers - least.workers);
    const plans = PLANNED_CORES.map((cores) => [
      `${cores} cores`,
      plannedVisitsPerSecond(slope, { cores, workers, isSkewed }),
    ]);
    return {
      ...(medians.some((each) => each.system === "peer") ? { system } : {}),
      workers,
      main: slope.main,
      shards: slope.shards,
      "busiest shard": slope.busiestShard,
      others: slope.all - slope.main - slope.shards,
      all: slope.all,
      "start, CPU s": slope.startSeconds,
      "ms a worker more": aWorker("startSeconds"),
      "ready, CPU s": slope.readySeconds,
      "ready, ms a worker more": aWorker("readySeconds"),
      "full GCs": slope.fullCollections,
      "peak RSS MB": slope.peakRssBytes / MEGA,
      "visits/s here": slope.visitsPerSecond,
      "main alone": MEGA / slope.main,
      ...Object.fromEntries(plans),
    };
  });
}

/** The median of what ours was of the peer's, round by round. */
function ratiosOf(measured: readonly Measured[]): TableRow[] {
  return measured.flatMap(({ system, workers, slopes }) => {
    const peer = measured.find(
      (each) => each.system === "peer" && each.workers === workers,
    );
    if (system === "peer" || peer === undefined) return [];
    const ratio = (name: keyof Slope) =>
      median(slopes.map((slope, i) => slope[name] / peer.slopes[i]![name]));
    return {
      workers,
      main: ratio("main"),
      shards: ratio("shards"),
      all: ratio("all"),
      start: ratio("startSeconds"),
      ready: ratio("readySeconds"),
      "peak RSS": ratio("peakRssBytes"),
      "visits/s here": ratio("visitsPerSecond"),
    };
  });
}
