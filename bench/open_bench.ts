import { pipeline } from "node:stream/promises";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { samplesOf } from "./support/compare_reports.ts";
import {
  commitInOneShard,
  fireInOneShard,
  type Load,
  visitsOf,
} from "./support/open_shard.ts";
import { Processor } from "./support/processor.ts";
import { printTable, type TableRow } from "./support/table.ts";

// Very many sessions that are open together, and close together at the end of
// the input: how long one shard is busy, at most at a time, with that and with
// the commits before, and in a run of the whole processor how much memory there is.

const MEGA = 1e6;

async function main(): Promise<void> {
  const options = benchOptions(
    "A million open sessions: their memory, and how long their firing takes.",
    {
      sessions: ["1000000", "sessions that are open together"],
      visits: ["20", "visits of each"],
      commits: ["30", "that write what has changed"],
      between: [
        "200000",
        "visits between two commits, each of another session",
      ],
      rounds: ["1", "repeats, for the spread"],
    },
  );
  const load = {
    sessions: countOf("sessions", options.sessions),
    visits: countOf("visits", options.visits),
  };
  const commits = {
    ...load,
    commits: countOf("commits", options.commits),
    between: countOf("between", options.between),
  };
  const shards: TableRow[] = [];
  const exports: TableRow[] = [];
  const runs: TableRow[] = [];
  for (let round = countOf("rounds", options.rounds); round > 0; round--) {
    shards.push(fireInOneShard(load));
    exports.push(commitInOneShard(commits));
    runs.push(await runProcessor(load));
  }
  printTable("One shard, in a process of its own", shards);
  printTable("Its commits, by what the shard does at a time", exports);
  printTable("The whole processor, from stdin to null", runs);
  const samples = { ...samplesOf("shard", shards), ...samplesOf("run", runs) };
  Object.assign(samples, samplesOf("commits", exports));
  writeReport("open", { load, shards, exports, runs }, { ...options, samples });
}

async function runProcessor(load: Load): Promise<TableRow> {
  const processor = new Processor(["--from", "-", "--to", "null"]);
  await pipeline(linesOf(load), processor.child.stdin!);
  const { summary, cpuSeconds, peakRssBytes } = await processor.figures();
  return {
    visits: summary.visitsIn,
    sessions: summary.sessions,
    "visits/s": summary.visitsPerSecond,
    "CPU s/M": (cpuSeconds.total / summary.visitsIn) * MEGA,
    "peak RSS MB": peakRssBytes / MEGA,
  };
}

/** The visits as JSON lines, in large pieces. */
function* linesOf(load: Load): Generator<Buffer> {
  let piece = Buffer.alloc(1 << 20);
  let end = 0;
  for (const value of visitsOf(load)) {
    if (end + value.length + 1 > piece.length) {
      yield piece.subarray(0, end);
      piece = Buffer.alloc(1 << 20);
      end = 0;
    }
    end += value.copy(piece, end);
    piece[end++] = 0x0a;
  }
  yield piece.subarray(0, end);
}

await runBench(main);
