import process from "node:process";
import { inspect, parseArgs } from "node:util";
import { runSeed } from "./run_seed.ts";

/** The long form of the simulation: `npm run test:simulation -- --seeds N`. */
async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "10000" },
      from: { type: "string", default: "1" },
    },
  });
  const from = Number(values.from);
  const end = from + Number(values.seeds);
  const beganAtMs = performance.now();
  let failed = 0;
  for (let seed = from; seed < end; seed++) {
    try {
      await runSeed(seed);
    } catch (error) {
      failed++;
      process.stderr.write(`${inspect(error)}\n`);
    }
  }
  const seconds = Math.round((performance.now() - beganAtMs) / 1000);
  const text = `${end - from} seeds in ${seconds} s, ${failed} failed\n`;
  process.stdout.write(text);
  return failed === 0;
}

process.exitCode = (await main()) ? 0 : 1;
