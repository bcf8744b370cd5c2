import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import { ADMIN, ensureBrowser, untilAnswers } from "./support/admin_askers.ts";
import {
  ratiosToNeighbours,
  type Turn,
  takeTurns,
} from "./support/admin_turns.ts";
import { AskersInTurn, WHO, type Who } from "./support/askers_in_turn.ts";
import { loadVisits, startBroker } from "./support/bench_broker.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { samplesOf, spreadText } from "./support/compare_reports.ts";
import { Processor, runProcessor } from "./support/processor.ts";
import { medianSlope, type Slope, slopeOf } from "./support/slopes.ts";
import { median } from "./support/statistics.ts";
import {
  figureText,
  print,
  printTable,
  type TableRow,
} from "./support/table.ts";

// What it costs a run to be looked at: CPU of the whole process a visit. The admin
// server itself, when nobody asks, by slopes of runs with and without it, so that
// its loading, the same for a run of any length, is no cost of a visit. What is
// asked, by turns within one run: nobody, a page and a scraper, nobody, the same
// requests without a browser on the same cores, nobody, look-ups.

/** Runs in turn, by the admin server that they have. */
const SERVERS = ["off", "alone"] as const;
type Server = (typeof SERVERS)[number];
const ADMIN_URL = `http://${ADMIN}`;
/** The shorter run of a slope has this share of the visits. */
const FEW = 1 / 2;
/** The admin server starts 2 s into a run, and is there for the rest of it. */
const SHORTEST_RUN_MS = 3_500;

/** How it is measured. */
interface Plan {
  readonly broker: KafkaBroker;
  readonly args: readonly string[];
  readonly turnSeconds: number;
}

async function main(): Promise<void> {
  const options = benchOptions(
    "What it costs a run to be looked at, in CPU of its whole process a visit: the admin server\n" +
      "alone, by slopes of runs with and without it (its loading is left out and told apart), and\n" +
      "its page and scraper, and look-ups of open sessions, one and 50 a request, by turns within\n" +
      "one run.",
    {
      visits: ["12000000", "visits in the longer topic"],
      rounds: ["5", "runs with and without the server"],
      turns: ["10", "runs in which those who ask take turns"],
      lookups: ["2000", "look-ups a second"],
      seconds: ["2", "that a turn is measured"],
      workers: [null, "of the processor"],
    },
  );
  const many = countOf("visits", options.visits);
  const rounds = countOf("rounds", options.rounds);
  const turnRuns = countOf("turns", options.turns);
  const lookUpsPerSecond = countOf("lookups", options.lookups);
  const { workers } = options;
  await ensureBrowser();
  const broker = await startBroker();
  const plan: Plan = {
    broker,
    args: workers === null ? [] : ["--workers", workers],
    turnSeconds: countOf("seconds", options.seconds),
  };
  const slopes: Record<Server, Slope[]> = { off: [], alone: [] };
  const turns: Turn<Who>[][] = [];
  let askers: AskersInTurn | null = null;
  try {
    askers = await AskersInTurn.open(ADMIN_URL, lookUpsPerSecond);
    print(`Writing ${many} visits, and half of them once more`);
    await loadVisits(broker, "many", ["--count", String(many)]);
    await loadVisits(broker, "few", [
      "--count",
      String(Math.round(many * FEW)),
    ]);
    for (let round = 1; round <= rounds; round++) {
      for (const server of SERVERS) {
        slopes[server].push(await runSlope(plan, server));
        print(`${round} ${server}: ${slopes[server].at(-1)!.all.toFixed(3)}`);
      }
    }
    for (let run = 0; run < turnRuns; run++) {
      turns.push(await runTurns(plan, askers, run));
      print(`${run + 1} turns: ${turns.at(-1)!.length}`);
    }
  } finally {
    await askers?.close();
    await broker.stop();
  }
  report({ slopes, turns }, options);
}

/** What a visit costs with this admin server, asked by nobody. */
async function runSlope(plan: Plan, server: Server): Promise<Slope> {
  const run = (topic: string) => runProcessor(argsOf(plan, { topic, server }));
  const few = await run("few");
  const many = await run("many");
  if (few.summary.elapsedMs < SHORTEST_RUN_MS) {
    throw new Error(
      `Cannot measure the admin server: the shorter run took ${few.summary.elapsedMs} ms, too little for it to start; give more --visits`,
    );
  }
  return slopeOf(few, many);
}

async function runTurns(
  plan: Plan,
  askers: AskersInTurn,
  run: number,
): Promise<Turn<Who>[]> {
  const processor = new Processor(
    argsOf(plan, { topic: "many", server: "alone" }),
  );
  try {
    await untilAnswers(ADMIN_URL);
    const order = await askers.order(run);
    const turns = await takeTurns<Who>(ADMIN_URL, {
      order,
      seconds: plan.turnSeconds,
    });
    await processor.figures();
    return turns;
  } finally {
    processor.stop();
  }
}

function argsOf(
  { broker, args }: Plan,
  { topic, server }: { topic: string; server: Server },
): string[] {
  return [
    ...["--brokers", broker.brokers, "--bounded"],
    ...["--from", `kafka:${topic}`, "--to", "null"],
    ...["--admin", server === "off" ? "off" : ADMIN],
    ...args,
  ];
}

function report(
  figures: { slopes: Record<Server, Slope[]>; turns: Turn<Who>[][] },
  options: { json: string | null; compare: string | null },
): void {
  const { slopes, turns } = figures;
  const servers = SERVERS.map((server) => slopeRow(server, slopes));
  printTable("The admin server, nobody asks (medians of slopes)", servers);
  const askers = WHO.map((who) => turnRow(who, turns));
  printTable("Who asks (medians of turns)", askers);
  const samples = Object.assign(
    {},
    ...SERVERS.map((server) => samplesOf(server, slopes[server])),
    ...WHO.map((who) =>
      samplesOf(
        who,
        turns.flat().filter(({ name }) => name === who),
      ),
    ),
  );
  writeReport(
    "admin",
    { servers, askers, ...figures },
    { ...options, samples },
  );
}

function slopeRow(server: Server, slopes: Record<Server, Slope[]>): TableRow {
  const { main, shards, all, startSeconds } = medianSlope(slopes[server]);
  const ratios = slopes[server].map(
    (slope, i) => slope.all / slopes.off[i]!.all,
  );
  return {
    "admin server": server,
    "main µs": figureText(main),
    "shards µs": figureText(shards),
    "others µs": figureText(all - main - shards),
    "all µs": figureText(all),
    "to off": ratioText(ratios),
    "start, CPU s": figureText(startSeconds),
  };
}

function turnRow(who: Who, turns: readonly Turn<Who>[][]): TableRow {
  const own = turns.flat().filter(({ name }) => name === who);
  const middle = (figure: (turn: Turn<Who>) => number) =>
    figureText(median(own.map(figure)));
  const ratios = turns.flatMap((each) =>
    ratiosToNeighbours(each, { of: who, to: "nobody" }),
  );
  return {
    "who asks": who,
    turns: own.length,
    "main µs": middle(({ main }) => main),
    "shards µs": middle(({ shards }) => shards),
    "others µs": middle(({ others }) => others),
    "all µs": middle(({ all }) => all),
    "to nobody": who === "nobody" ? "" : ratioText(ratios),
    "visits/s": middle(({ visitsPerSecond }) => visitsPerSecond),
    "answers/s": middle(({ answered }) => answered),
    "failed/s": middle(({ failed }) => failed),
  };
}

/** A hundredth more or less is what is asked for here. */
function ratioText(ratios: readonly number[]): string {
  if (ratios.length === 0) return "too few turns";
  return spreadText(ratios, (ratio) => ratio.toFixed(3));
}

await runBench(main);
