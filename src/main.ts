import { earlyFailureForm, jsonLine, reportFailure } from "./cli/failure.ts";
import { StopRequest } from "./cli/stop_request.ts";
import type { Terminal } from "./cli/world.ts";
import { WorldError } from "./errors.ts";
import { unwritableReason } from "./files/file_reasons.ts";
import { OutputWrites, slowTakers } from "./files/slow_writes.ts";

/** A job that was asked to stop has this long, ms. */
const STOP_TIMEOUT_MS = 19_000;

/** The oldest version that has all that is used here. */
const NODE_VERSION = 24;

/** The commands that have threads, beside the one that has no name. */
const JOBS = ["run", "replay"];
/** What is answered without a job. */
const ANSWERED_ALONE = ["-h", "--help", "--print-config"];

const argv = process.argv.slice(2);
let form = earlyFailureForm(argv, process.env);
let terminal: Terminal | null = null;
process.on("exit", () => terminal?.setBlock([]));
const stop = new StopRequest(giveUp);
process.on("SIGINT", () => stop.take("SIGINT"));
process.on("SIGTERM", () => stop.take("SIGTERM"));
// The terminal is closed: what was begun is still ended in good order.
process.on("SIGHUP", () => stop.take("SIGHUP"));
// Else Node opens its debugger, to whoever is on this host.
process.on("SIGUSR1", () => {});
stop.signal.addEventListener("abort", () => {
  const fail = () => {
    const taker = slowTakers();
    const what = taker === null ? "" : ` waiting for ${taker}`;
    exitWith(new WorldError(`Cannot stop in time: gave up${what}`));
  };
  setTimeout(fail, STOP_TIMEOUT_MS).unref();
});
let stdoutFailure: NodeJS.ErrnoException | null = null;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head -1`) is a wish to stop.
  if (error.code !== "EPIPE") stdoutFailure ??= error;
  stop.stop();
});
// Nobody is left to tell.
process.stderr.on("error", () => {});
process.on("uncaughtException", exitWith);
// kafkajs sets timers for moments that have passed, and the first versions of
// Node 24 call it an experiment to run TypeScript: no news.
const NO_NEWS = ["TimeoutNegativeWarning", "ExperimentalWarning"];
process.removeAllListeners("warning");
process.on("warning", ({ name, message }) => {
  if (NO_NEWS.includes(name)) return;
  const line = form.isJson
    ? jsonLine("warn", { msg: message })
    : `${message}\n`;
  (terminal ?? process.stderr).write(line);
});

const { node } = process.versions;
const version = Number.parseInt(node, 10);
if (version < NODE_VERSION) {
  exitWith(
    new WorldError(
      `Cannot run on Node ${node}: version ${NODE_VERSION} or newer is needed`,
    ),
  );
}
/** Settles when all is done, just before the process exits. */
export const ended: Promise<void> = main();

async function main(): Promise<void> {
  let thread: Promise<void> = Promise.resolve();
  if (beginsThreads(argv)) {
    const { startEarlyThread } = await import("./fleet/shard_thread.ts");
    thread = startEarlyThread();
    thread.catch(exitWith);
  }
  const { runProgram } = await import("./cli/program.ts");
  const exitCode = await runProgram({
    argv,
    environment: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    stopSignal: stop.signal,
    stoppedBy: () => stop.by,
    waitsFor: slowTakers,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask } : {}),
    onTerminal: (opened) => {
      terminal = opened;
    },
    onFailureForm: (known) => {
      form = known;
    },
  });
  await thread;
  // Not by running out of work: a connection that hangs must not keep us.
  // The events of writes that failed come first.
  new OutputWrites("the reader of stdout").begun();
  process.stdout.write("", () => setImmediate(end, exitCode));
}

function end(exitCode: number): void {
  if (exitCode !== 0 || stdoutFailure === null) process.exit(exitCode);
  const reason = unwritableReason(stdoutFailure);
  exitWith(new WorldError(`Cannot write to stdout: ${reason}`));
}

/** Whether a job is begun: then its first thread need not wait for its options. */
function beginsThreads([command, ...flags]: readonly string[]): boolean {
  const isJob = command === undefined || JOBS.includes(command);
  return isJob && !flags.some((flag) => ANSWERED_ALONE.includes(flag));
}

/** A second signal: no more time is wanted for an end in good order. */
function giveUp(code: number): void {
  const taker = slowTakers();
  if (taker !== null) {
    const reason = `gave up waiting for ${taker}`;
    report(new WorldError(`Cannot stop in good order: ${reason}`));
  }
  process.exit(code);
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const { stdin: input, stderr: output } = process;
  const dialogue = createInterface({ input, output });
  const { signal } = stop;
  return await dialogue.question(question, { signal }).finally(() => {
    dialogue.close();
  });
}

function exitWith(error: unknown): void {
  process.exit(report(error));
}

function report(error: unknown): number {
  const { stderr } = process;
  terminal?.setBlock([]);
  return reportFailure(error, { ...form, stderr, task: "go on" });
}
