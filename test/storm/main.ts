import process from "node:process";
import { parseArgs } from "node:util";
import { messageOf, UsageError } from "../../src/errors.ts";
import {
  BROKER_PACKAGES,
  ensureRequirements,
} from "../support/requirements.ts";
import { faultText, runStorm } from "./run_storm.ts";
import type { StormScale, StormScenario } from "./scenario.ts";
import { STORM_SCENARIOS } from "./scenarios/scenarios.ts";
import { GUARANTEES, type Guarantee } from "./storm_options.ts";

// The long form of the storm: `npm run test:storm -- --scenario kills --kills 20`.

const SEEDS = 2 ** 31;

interface StormArguments {
  readonly scenarios: readonly StormScenario[];
  readonly scale: StormScale;
  readonly seed: number;
  /** The folder that gets the logs of all processes. */
  readonly logs: string | null;
  readonly guarantee: Guarantee;
  readonly ratePerSecond: number;
}

async function main(): Promise<boolean> {
  const { scenarios, ...rest } = readArguments();
  // What is missing at the end would cost all of the storm.
  await ensureRequirements({
    of: "the storm",
    packages: [...BROKER_PACKAGES, "kcat"],
  });
  let failed = 0;
  for (const scenario of scenarios) {
    if (!(await runScenario(scenario, rest))) failed++;
  }
  print(`${scenarios.length - failed} scenarios passed, ${failed} failed`);
  return failed === 0;
}

async function runScenario(
  scenario: StormScenario,
  { scale, seed, ...load }: Omit<StormArguments, "scenarios">,
): Promise<boolean> {
  const { name, says } = scenario;
  print(`${name} (seed ${seed}): ${says}`);
  const startedAtMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedAtMs) / 1000);
  const tell = (text: string) => print(`  ${seconds()} s  ${text}`);
  try {
    const options = { name, seed, tell, ...load };
    const result = await runStorm(scenario, scale, options);
    const isGood = result.faults.length === 0;
    const { visits, sessions } = result;
    const outcome = isGood ? "no fault" : "FAULTS";
    tell(`${outcome}: ${visits} visits, ${sessions} sessions`);
    process.stdout.write(faultText(result));
    return isGood;
  } catch (error) {
    tell(`FAILED: ${messageOf(error)}`);
    return false;
  }
}

function readArguments(): StormArguments {
  const { values } = parseArgs({
    options: {
      scenario: { type: "string", default: "" },
      kills: { type: "string", default: "200" },
      rate: { type: "string", default: "500" },
      workers: { type: "string", default: "1,3" },
      seed: { type: "string", default: String(Math.trunc(Date.now() % SEEDS)) },
      logs: { type: "string" },
      guarantee: { type: "string", default: "exactly-once" },
    },
  });
  const { scenario, kills, workers, rate, seed, guarantee } = values;
  const { logs = null } = values;
  return {
    scenarios: scenariosOf(scenario),
    scale: {
      kills: Number(kills),
      workers: workers.split(",").map(Number),
    },
    seed: Number(seed),
    logs,
    ratePerSecond: Number(rate),
    guarantee: guaranteeOf(guarantee),
  };
}

function guaranteeOf(name: string): Guarantee {
  const found = GUARANTEES.find((each) => each === name);
  if (found !== undefined) return found;
  const known = GUARANTEES.join(", ");
  throw new UsageError(`Cannot promise "${name}", expected ${known}`);
}

function scenariosOf(names: string): readonly StormScenario[] {
  if (names === "") return STORM_SCENARIOS;
  return names.split(",").map((name) => {
    const found = STORM_SCENARIOS.find((each) => each.name === name);
    if (found !== undefined) return found;
    const known = STORM_SCENARIOS.map((each) => each.name).join(", ");
    throw new UsageError(`Cannot run scenario "${name}", expected ${known}`);
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}
try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
