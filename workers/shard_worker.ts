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
  if (bytesHeld < before) (globalThis as { gc?: () => void }).gc?.();
}
