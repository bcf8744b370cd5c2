import { globSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { finished } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { startKafka } from "../docker/local_kafka/kafka_broker.ts";
import { messageOf } from "../src/errors.ts";
import { CHECKS } from "./support/checks.ts";
import { ensureRequirements } from "./support/requirements.ts";
import { BROKERS_VARIABLE, TEST_BROKER } from "./support/test_kafka.ts";

/** Of a test; its file ends some minutes later: see `file_deadline.ts`. */
const TEST_TIMEOUT_MS = 5 * 60_000;
const ALL_TIMEOUT_MS = 60 * 60_000;

/** How many tests ended how. */
interface Tally {
  passed: number;
  failed: number;
}

async function main(): Promise<boolean> {
  await ensureRequirements({ of: "the tests" });
  const hasCleanSources = await runChecks();
  const stopBroker = await provideBroker();
  try {
    const { passed, failed } = await runTests();
    const checks = hasCleanSources ? "" : ", and the sources are not clean";
    process.stdout.write(`${passed} passed, ${failed} failed${checks}\n`);
    return failed === 0 && passed > 0 && hasCleanSources;
  } finally {
    await stopBroker();
  }
}

async function runChecks(): Promise<boolean> {
  let areAllFine = true;
  for (const { name, passes } of CHECKS) {
    const isFine = await passes();
    process.stdout.write(`${isFine ? "✔" : "✖"} ${name}\n`);
    areAllFine &&= isFine;
  }
  return areAllFine;
}

/** Starts one broker for all test files, unless one was given. */
async function provideBroker(): Promise<() => Promise<void>> {
  if (process.env[BROKERS_VARIABLE]) return async () => {};
  const broker = await startKafka(TEST_BROKER);
  process.env[BROKERS_VARIABLE] = broker.brokers;
  return () => broker.stop();
}

async function runTests(): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0 };
  const files = globSync(join(import.meta.dirname, "**", "*_test.ts")).sort();
  const events = run({
    files,
    concurrency: availableParallelism(),
    timeout: TEST_TIMEOUT_MS,
    // A failed test may leave connections open, which keep its file alive. Not
    // `forceExit`: a file that is cut short loses the results of its last tests.
    signal: AbortSignal.timeout(ALL_TIMEOUT_MS),
    // kafkajs 2.2.4 sets timers that have already passed; Node warns of them.
    execArgv: [
      "--disable-warning=TimeoutNegativeWarning",
      ...["--import", join(import.meta.dirname, "support/file_deadline.ts")],
    ],
  });
  events.on("test:summary", ({ file, counts }) => {
    if (file !== undefined) return;
    tally.passed = counts.passed;
    // A test that was skipped or put off has shown nothing.
    tally.failed = counts.tests - counts.passed;
  });
  const report = events.compose(spec);
  report.pipe(process.stdout, { end: false });
  await finished(report);
  return tally;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
