import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { GroupSeat } from "../../src/kafka/group_seat.ts";
import { KafkaSourceRun } from "./kafka_source_run.ts";

/** A member of a group in a process of its own, which can be killed. */
export interface KilledMember {
  /** Resolves to its first assignment. */
  readonly assigned: Promise<{
    readonly partitions: readonly number[];
    readonly seat: GroupSeat;
  }>;
  /** Ends the process with SIGKILL. */
  kill(): Promise<void>;
}

interface MemberOptions {
  readonly brokers: string;
  readonly topic: string;
  readonly instance: string | null;
  readonly sessionTimeoutMs: number;
}

/** Starts a process whose member joins the group of `topic`. */
export function startMember(options: MemberOptions): KilledMember {
  const path = fileURLToPath(import.meta.url);
  const args = [path, JSON.stringify(options)];
  const child = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const assigned = once(lines, "line").then(([line]) => JSON.parse(line));
  return {
    assigned,
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
  };
}

async function main(text: string): Promise<void> {
  const { brokers, topic, ...source } = JSON.parse(text) as MemberOptions;
  // It does not outlive the test's process.
  process.stdin.on("end", () => process.exit()).resume();
  const run = new KafkaSourceRun(brokers, { topic, bounded: false, source });
  await run.open();
  for await (const event of run.source.events()) {
    if (event.kind === "assigned") {
      process.stdout.write(`${JSON.stringify(event)}\n`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv[2]!);
}
