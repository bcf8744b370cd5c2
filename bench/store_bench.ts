import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { samplesOf } from "./support/compare_reports.ts";
import { benchLog } from "./support/log_case.ts";
import { benchOpen, benchStream } from "./support/store_cases.ts";
import { printTable } from "./support/table.ts";

type Figures = Record<string, number>;

async function main(): Promise<void> {
  const options = benchOptions(
    "The store of one shard: a stream, many open sessions, a window log; 0 leaves one out.",
    {
      stream: ["3000000", "visits of the stream"],
      active: ["50000", "visitors of the stream"],
      open: ["100000", "sessions that are open at once"],
      logged: ["200000", "sessions that go into a log and come back"],
      rounds: ["1", "repeats, for the spread"],
    },
  );
  const stream = countOrNone("stream", options.stream);
  const open = countOrNone("open", options.open);
  const logged = countOrNone("logged", options.logged);
  const active = countOf("active", options.active);
  const rounds = Array.from(
    { length: countOf("rounds", options.rounds) },
    (): Figures => ({
      ...(stream > 0 ? benchStream(stream, active) : {}),
      ...(open > 0 ? benchOpen(open, 20) : {}),
      ...(logged > 0 ? benchLog(logged, 20, logged / 4) : {}),
    }),
  );
  for (const figures of rounds) {
    const rows = Object.entries(figures).map(([figure, value]) => ({
      figure,
      value,
    }));
    printTable("The store", rows);
  }
  const samples = samplesOf("store:", rounds);
  writeReport("store", { rounds }, { ...options, samples });
}

function countOrNone(name: string, text: string): number {
  return text === "0" ? 0 : countOf(name, text);
}

await runBench(main);
