import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import {
  BATCH_PEERS,
  type BatchPeer,
  BatchPython,
  type ProcessCost,
} from "./peers/batch/batch_peers.ts";
import {
  assertSameSessions,
  readBatchSessions,
} from "./support/batch_sessions.ts";
import { generate } from "./support/bench_broker.ts";
import {
  benchOptions,
  checkoutOf,
  countOf,
  runBench,
} from "./support/bench_options.ts";
import { type ReportPlace, writeReport } from "./support/bench_report.ts";
import { builtProcessor } from "./support/built_processor.ts";
import { type Samples, samplesOf } from "./support/compare_reports.ts";
import { syncDisks } from "./support/settle.ts";
import { median } from "./support/statistics.ts";
import {
  figureText,
  print,
  printTable,
  type TableRow,
} from "./support/table.ts";

// A file of visits becomes a file of sessions: whole processes, in turn, from
// their start to their end.

const MEGA = 1e6;
/** The processor's default. */
const GAP_SECONDS = 600;
const OURS = "sessionmill";

/** A system, and how it is started. */
interface System {
  readonly name: string;
  readonly command: (sessions: string) => readonly string[];
  readonly costs: ProcessCost[];
}

async function main(): Promise<void> {
  const options = benchOptions(
    "A file of visits to a file of sessions, whole processes, against others.",
    {
      visits: ["2000000", "visits in the file"],
      rounds: ["5", "runs of each that count"],
      workers: [null, "of the processor"],
      peers: [BATCH_PEERS.join(","), "others, or folders of other checkouts"],
    },
  );
  const visits = countOf("visits", options.visits);
  const rounds = countOf("rounds", options.rounds);
  const names = options.peers.split(",").map(peerOf);
  const python = await BatchPython.install();
  const folder = mkdtempSync(join(tmpdir(), "sessionmill-batch-"));
  try {
    const input = join(folder, "visits.jsonl");
    print(`Writing ${visits} visits`);
    await generate(["--count", String(visits), "--to", `file:${input}`]);
    const { workers } = options;
    const systems = [
      ourSystem(OURS, input, { workers }),
      ...names.map((name) => peerSystem(name, input, { python, workers })),
    ];
    const bench = new BatchBench({ python, folder, systems });
    await bench.warmUp();
    for (let round = 0; round < rounds; round++) await bench.round(round);
    bench.report(visits, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function peerOf(name: string): string {
  if (isBatchPeer(name)) return name;
  return checkoutOf("peers", name, `${BATCH_PEERS.join(", ")} or `);
}

function isBatchPeer(name: string): name is BatchPeer {
  return BATCH_PEERS.includes(name as BatchPeer);
}

function ourSystem(
  name: string,
  input: string,
  options: { readonly workers: string | null; readonly checkout?: string },
): System {
  const { workers, checkout } = options;
  const run = [process.execPath, builtProcessor(checkout).main, "run"];
  const more = workers === null ? [] : ["--workers", workers];
  const from = ["--from", `file:${input}`, ...more];
  return {
    name,
    command: (sessions) => [...run, ...from, "--to", `file:${sessions}`],
    costs: [],
  };
}

function peerSystem(
  name: string,
  input: string,
  options: { readonly python: BatchPython; readonly workers: string | null },
): System {
  if (!isBatchPeer(name)) {
    const { workers } = options;
    return ourSystem(basename(name), input, { workers, checkout: name });
  }
  const files = { visits: input, gapSeconds: GAP_SECONDS };
  return {
    name,
    command: (sessions) =>
      options.python.commandOf(name, { ...files, sessions }),
    costs: [],
  };
}

class BatchBench {
  readonly #python: BatchPython;
  readonly #folder: string;
  readonly #systems: readonly System[];
  #expected: ReadonlySet<string> | null = null;

  constructor(options: {
    readonly python: BatchPython;
    readonly folder: string;
    readonly systems: readonly System[];
  }) {
    this.#python = options.python;
    this.#folder = options.folder;
    this.#systems = options.systems;
  }

  /** A run of each that does not count: programs come from the disk. */
  async warmUp(): Promise<void> {
    for (const system of this.#systems) await this.#run(system);
    print(`All have the same ${this.#expected?.size} sessions`);
  }

  /** One run of each, another one first in each round. */
  async round(round: number): Promise<void> {
    const first = round % this.#systems.length;
    const systems = this.#systems;
    for (const system of [
      ...systems.slice(first),
      ...systems.slice(0, first),
    ]) {
      const cost = await this.#run(system);
      system.costs.push(cost);
      print(`  ${system.name}: ${figureText(cost.wallSeconds)} s`);
    }
  }

  /** A figure counts only with the same sessions. */
  async #run(system: System): Promise<ProcessCost> {
    const sessions = join(this.#folder, "sessions.jsonl");
    await rm(sessions, { force: true });
    await syncDisks();
    const cost = await this.#python.measure(system.command(sessions));
    const found = await readBatchSessions(sessions);
    this.#expected ??= found;
    assertSameSessions(system.name, found, this.#expected);
    return cost;
  }

  report(visits: number, place: ReportPlace): void {
    const [ours, ...peers] = this.#systems;
    printTable(
      "Whole processes, file to file, medians",
      this.#systems.map((system) => systemRow(system, visits)),
    );
    const ratios = peers.map((peer) => ratioRow(ours!, peer));
    printTable("sessionmill against each, medians of the rounds", ratios);
    const seconds = (system: System) => medianOf(system, "wallSeconds");
    const others = peers.filter(({ name }) => isBatchPeer(name));
    const [fastest] = others.sort((a, b) => seconds(a) - seconds(b));
    if (fastest !== undefined) {
      const times = Number(ratioRow(ours!, fastest)["times as fast"]);
      print(
        `${figureText(times)} times as fast as the fastest, ${fastest.name}`,
      );
    }
    const systems = this.#systems.map(({ name, costs }) => ({ name, costs }));
    const samples: Samples = Object.assign(
      {},
      ...systems.map(({ name, costs }) => samplesOf(name, costs)),
    );
    writeReport("batch", { visits, systems, ratios }, { ...place, samples });
  }
}

function systemRow(system: System, visits: number): TableRow {
  const wallSeconds = medianOf(system, "wallSeconds");
  return {
    system: system.name,
    "wall s": wallSeconds,
    "CPU s": medianOf(system, "cpuSeconds"),
    "peak RSS MB": medianOf(system, "peakRssBytes") / MEGA,
    "visits/s": visits / wallSeconds,
  };
}

/** Ours and a peer's runs of the same round are compared. */
function ratioRow(ours: System, peer: System): TableRow {
  const ratio = (name: keyof ProcessCost) =>
    median(ours.costs.map((cost, i) => cost[name] / peer.costs[i]![name]));
  return {
    peer: peer.name,
    "times as fast": median(
      ours.costs.map(
        ({ wallSeconds }, i) => peer.costs[i]!.wallSeconds / wallSeconds,
      ),
    ),
    "part of its CPU": ratio("cpuSeconds"),
    "part of its RSS": ratio("peakRssBytes"),
  };
}

function medianOf(system: System, name: keyof ProcessCost): number {
  return median(system.costs.map((cost) => cost[name]));
}

await runBench(main);
