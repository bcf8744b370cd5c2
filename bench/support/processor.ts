import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { RunSummary } from "../../src/observe/run_summary.ts";
import { builtProcessor } from "./built_processor.ts";
import type { AppliedMoment, ExitFigures } from "./exit_probe.ts";
import { type GcByThread, readGcTrace } from "./gc_trace.ts";
import { sum } from "./statistics.ts";

/** What a process of ours used, from its start to its end. */
export interface ProcessorFigures {
  readonly summary: RunSummary;
  /** From the start of the process to its end. */
  readonly wallSeconds: number;
  /** When it was ready for visits, as `performance.now()` says it here. */
  readonly beganAtMs: number;
  readonly cpuSeconds: {
    readonly total: number;
    /** What of it was spent before the first visit. */
    readonly start: number;
    readonly main: number;
    readonly shards: readonly number[];
    /** Threads of V8 and libuv. */
    readonly others: number;
  };
  readonly peakRssBytes: number;
  readonly gc: GcByThread;
}

/** A `sessionmill run` that is measured. */
export class Processor {
  readonly child: ChildProcess;
  /** When the visits of each commit had been applied, as `performance.now()`. */
  readonly appliedAtMs: number[] = [];
  readonly #startedAtMs = performance.now();
  readonly #figures: Promise<ProcessorFigures>;

  /**
   * Starts the command line with these arguments behind `run`, as the checkout
   * has it that is named, or this one.
   */
  constructor(args: readonly string[], checkout?: string) {
    const { main, exitProbe } = builtProcessor(checkout);
    // biome-ignore format: one option and its value a line
    const command = [
      "--trace-gc",
      "--import", exitProbe,
      main, "run",
      "--log-format", "json",
      ...args,
    ];
    this.child = spawn(process.execPath, command, {
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    this.#figures = this.#measure();
    // Whoever waits for it gets the failure; nobody may be waiting yet.
    this.#figures.catch(() => {});
  }

  /** Asks it to stop, as an operator does. */
  stop(): void {
    this.child.kill("SIGTERM");
  }

  /** Resolves when the process has ended; rejects when it failed. */
  figures(): Promise<ProcessorFigures> {
    return this.#figures;
  }

  async #measure(): Promise<ProcessorFigures> {
    const { child } = this;
    const [trace, log, probe] = child.stdio.slice(1) as Readable[];
    const texts = Promise.all([text(trace!), text(log!), this.#hear(probe!)]);
    const [code] = await once(child, "exit");
    const wallSeconds = (performance.now() - this.#startedAtMs) / 1000;
    const [traceText, logText, figures] = await texts;
    if (code !== 0 || figures === null) {
      throw new Error(
        `Cannot measure processor: exit code ${code}\n${logText}`,
      );
    }
    const { time, ...summary } = summaryOf(logText);
    const endedAtMs = Date.parse(time) - performance.timeOrigin;
    return {
      summary,
      wallSeconds,
      beganAtMs: endedAtMs - summary.elapsedMs,
      cpuSeconds: cpuSecondsOf(summary, figures),
      peakRssBytes: figures.peakRssBytes,
      gc: readGcTrace(traceText),
    };
  }

  /** Takes what the probe tells; resolves to its last word, null without one. */
  async #hear(probe: Readable): Promise<ExitFigures | null> {
    let figures: ExitFigures | null = null;
    for await (const line of createInterface({ input: probe })) {
      const told: AppliedMoment | ExitFigures = JSON.parse(line);
      if ("cpuMicros" in told) figures = told;
      else this.appliedAtMs.push(told.appliedAtMs - performance.timeOrigin);
    }
    return figures;
  }
}

/** Runs `sessionmill run` with these arguments to its end. */
export function runProcessor(
  args: readonly string[],
  checkout?: string,
): Promise<ProcessorFigures> {
  const processor = new Processor(args, checkout);
  processor.child.stdin!.end();
  return processor.figures();
}

function summaryOf(log: string): RunSummary & { readonly time: string } {
  const lines = log.trim().split("\n");
  const line = lines.findLast((each) => each.includes('"run is over"'));
  if (line === undefined) {
    throw new Error(`Cannot measure processor: no summary in\n${log}`);
  }
  return JSON.parse(line);
}

function cpuSecondsOf(
  { cpu }: RunSummary,
  { cpuMicros }: ExitFigures,
): ProcessorFigures["cpuSeconds"] {
  const total = cpuMicros / 1e6;
  const start = cpu.startMs / 1000;
  const main = cpu.mainMs / 1000;
  const shards = cpu.shardsMs.map((ms) => ms / 1000);
  return { total, start, main, shards, others: total - main - sum(shards) };
}
