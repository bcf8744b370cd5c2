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

/** Makes the thread ready to be quick from the first visit on. */
export function ready(): void {
  warmUp(options);
}

/** Applies one task to the shard of this thread; answers with its report. */
export default function applyTask(message: TaskMessage): unknown {
  const report = shard.handle(message);
  const { user, system } = process.threadCpuUsage();
  const threadCpuMs = (user + system) / 1000;
  const posted: PostedReport = { ...report, threadCpuMs };
  return move({
    [transferableSymbol]: transferables(report),
    [valueSymbol]: posted,
  });
}
