import module from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { createShard } from "../src/shard/create_shard.ts";
import type { ShardOptions } from "../src/shard/shard_options.ts";
import { warmUp } from "../src/shard/warm_up.ts";
import {
  type PostedReport,
  type TaskMessage,
  transferables,
} from "../src/wire/messages.ts";

const options: ShardOptions = workerData;

const shard = createShard(options);
let { bytesHeld } = shard;
let collect: (() => void) | null = null;

/** Keeps what was compiled so far, for the threads to come. */
export function loaded(): void {
  module.flushCompileCache?.();
}

/** Makes the thread ready to be quick from the first visit on. */
export function ready(): void {
  warmUp(options);
}

/** Applies one task to the shard of this thread; answers with its report. */
export default function applyTask(message: TaskMessage): unknown {
  const report = shard.handle(message);
  collectOldMemory();
  const { user, system } = process.threadCpuUsage();
  const threadCpuMs = (user + system) / 1000;
  const posted: PostedReport = { ...report, threadCpuMs };
  return move({
    [transferableSymbol]: transferables(report),
    [valueSymbol]: posted,
  });
}

/**
 * Collects the memory that the windows have moved out of, if they have. V8 would
 * do so late, or never where no visits come: the thread makes hardly any garbage.
 */
function collectOldMemory(): void {
  const before = bytesHeld;
  bytesHeld = shard.bytesHeld;
  if (bytesHeld >= before) return;
  collect ??= collector();
  collect();
}

/** V8's collector. With the flag for it from the start, threads start slower. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
