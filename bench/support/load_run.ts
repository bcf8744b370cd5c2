import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { builtProcessor } from "./built_processor.ts";

/** Latencies of a rate, as `sessionmill load --json` tells them; ms. */
export interface LoadLatency {
  readonly name: string;
  readonly count: number;
  readonly percentilesMs: Readonly<Record<string, number | null>>;
  readonly maxMs: number | null;
  readonly points: readonly (readonly [number, number])[];
}

/** What of its JSON about a rate is used here. */
export interface LoadedRate {
  readonly rate: number;
  readonly reachedRate: number;
  readonly visits: number;
  /** Wall clock, ms. */
  readonly measuredFromMs: number;
  readonly measuredToMs: number;
  readonly send: LoadLatency;
  readonly acknowledge: LoadLatency;
  readonly close: LoadLatency;
  readonly read: LoadLatency;
  readonly warmUpSessions: number;
  readonly cores: Readonly<Record<string, number>>;
  readonly limits: readonly string[];
}

/** Runs `sessionmill load` for one rate, in a process of its own. */
export async function runLoad(args: readonly string[]): Promise<LoadedRate> {
  const { main } = builtProcessor();
  const command = [main, "load", "--json", "--log-level", "warn", ...args];
  const child = spawn(process.execPath, command, {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [[code], json, log] = await Promise.all([
    once(child, "exit"),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (code !== 0) throw new Error(`Cannot load: exit code ${code}\n${log}`);
  return JSON.parse(json).rates[0];
}
