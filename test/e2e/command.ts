import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { RunSummary } from "../../src/observe/run_summary.ts";
import { MAIN } from "../cli/child_process.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Whoever looks into a run asks for it: a thread less for each command. */
const QUIET = { SESSIONMILL_ADMIN: "off" };

/** How long a command may take when its test does not say, ms. */
const DEADLINE_MS = 60_000;

/** How a command is started. */
export interface CommandOptions {
  /** All that stdin holds; nothing without it. */
  readonly input?: string | Buffer;
  /** Keeps stdin open for `write` until `endInput`. */
  readonly isFed?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** The command is killed, and its test fails, after this. */
  readonly deadlineMs?: number;
}

/** What a command left behind. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** `sessionmill` as a process of its own, which never outlives its deadline. */
export class Command {
  /** What it has written so far. */
  stdout = "";
  stderr = "";
  #isOver = false;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Ended>;

  constructor(argv: readonly string[], options: CommandOptions = {}) {
    const startedAtMs = performance.now();
    const { environment, input, isFed, deadlineMs = DEADLINE_MS } = options;
    this.#child = spawn(process.execPath, [MAIN, ...argv], {
      env: { PATH: process.env.PATH, ...QUIET, ...environment },
    });
    // A command that fails does not read all of it.
    this.#child.stdin.on("error", () => {});
    if (isFed !== true) this.#child.stdin.end(input);
    this.#collect();
    const deadline = setTimeout(() => this.kill("SIGKILL"), deadlineMs);
    this.#ended = once(this.#child, "close").then(([exitCode]) => {
      clearTimeout(deadline);
      this.#isOver = true;
      const { stdout, stderr } = this;
      const elapsedMs = performance.now() - startedAtMs;
      return { exitCode, stdout, stderr, elapsedMs };
    });
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** Writes to stdin, which is fed. */
  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Ends stdin, which was fed. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when `condition` holds; rejects when it never will. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const isSettled = async () => (await condition()) || this.#isOver;
    await waitUntil(isSettled).catch((error) => {
      throw new Error(`waited in vain: ${this.stderr}`, { cause: error });
    });
    assert.ok(await condition(), `ended too early: ${this.stderr}`);
  }

  /** Resolves when it has written `lineCount` whole lines to stdout. */
  async hasWritten(lineCount: number): Promise<void> {
    await this.until(() => this.stdout.split("\n").length > lineCount);
  }

  /** Resolves when it is over; rejects when its deadline ended it. */
  async ended(): Promise<Ended> {
    const ended = await this.#ended;
    assert.notEqual(ended.exitCode, null, `had to be killed: ${ended.stderr}`);
    return ended;
  }

  /** Resolves when it is over, however it ended. */
  gone(): Promise<Ended> {
    return this.#ended;
  }

  #collect(): void {
    const { stdout, stderr } = this.#child;
    stdout.setEncoding("utf8").on("data", (text) => {
      this.stdout += text;
    });
    stderr.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
    });
  }
}

/** Runs a command line to its end, whatever that is. */
export function runCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<Ended> {
  return new Command(argv, options).ended();
}

/** What a successful job says of itself, and what it wrote. */
export interface JobOutcome extends Ended {
  readonly summary: RunSummary;
}

/** Runs `sessionmill run` to its end, which must be a good one. */
export async function runJob(
  flags: readonly string[],
  options: CommandOptions = {},
): Promise<JobOutcome> {
  return jobOutcome(await runCommand(jobArguments(flags), options));
}

/** The arguments of a job whose summary `jobOutcome` can read. */
export function jobArguments(flags: readonly string[]): string[] {
  return ["run", "--log-format", "json", ...flags];
}

/** Reads the summary of a job that ended well and accounts for every visit. */
export function jobOutcome(ended: Ended): JobOutcome {
  assert.equal(ended.exitCode, 0, ended.stderr);
  const lastLine = ended.stderr.trimEnd().split("\n").at(-1)!;
  const summary = JSON.parse(lastLine) as RunSummary;
  const { inSessions, inOpenWindows, late, rejected, dropped } = summary;
  const { visitsIn, restoredVisits } = summary;
  assert.equal(
    inSessions + inOpenWindows + late + rejected + dropped,
    visitsIn + restoredVisits,
    lastLine,
  );
  return { ...ended, summary };
}

/** Generates visits; resolves to how many records they are. */
export async function generate(flags: readonly string[]): Promise<number> {
  const { exitCode, stderr } = await runCommand(["generate", ...flags]);
  assert.equal(exitCode, 0, stderr);
  const count = /^([\d,]+) records in /m.exec(stderr)?.[1];
  return Number(count?.replaceAll(",", ""));
}
