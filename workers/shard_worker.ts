import { move, transferableSymbol, valueSymbol, workerData } from "piscina";
import { SessionShard } from "../src/shard/session_shard.ts";
import type { ShardOptions } from "../src/shard/shard_options.ts";
import { warmUp } from "../src/shard/warm_up.ts";
import { createEncoder } from "../src/sink/create_encoder.ts";
import { TypedStore } from "../src/window/typed_store.ts";
import { VisitScanner } from "../src/window/visit_scanner.ts";
import {
  type PostedReport,
  type TaskMessage,
  transferables,
} from "../src/wire/messages.ts";

const options: ShardOptions = workerData;

const shard = createShard(options);

function createShard(its: ShardOptions): SessionShard {
  const { window, maxRecordBytes } = its;
  return new SessionShard(its, {
    scanner: new VisitScanner({ ...window, maxRecordBytes }),
    store: new TypedStore(window),
    encoder: createEncoder(its.encoder),
  });
}

/** Makes the thread ready to be quick from the first visit on. */
export function ready(): void {
  warmUp(options, createShard);
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
