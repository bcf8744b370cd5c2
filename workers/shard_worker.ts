import module, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { takeForeignBytes } from "../src/record/compression.ts";
import {
  createShard,
  type ScannerMaker,
  scannerMaker,
} from "../src/shard/create_shard.ts";
import type { SessionShard } from "../src/shard/session_shard.ts";
import type { ShardOptions } from "../src/shard/shard_options.ts";
import { warmUp } from "../src/shard/warm_up.ts";
import type { ReadyMessage } from "../src/shard/warm_up_tasks.ts";
import {
  type LookAnswer,
  type LookMessage,
  type PostedReport,
  type ReportMessage,
  type ScanAnswer,
  type ScanMessage,
  type TaskMessage,
  transferables,
} from "../src/wire/messages.ts";
import { failureOf, type WorldFailure } from "../src/wire/world_failure.ts";

// Why a private module, of piscina 5.3.2 exactly: each of its threads has this one
// already. `move` comes with the whole package, 14 files more, which takes a thread
// 7 ms of its start.
const require = createRequire(import.meta.url);
const COMMON = join(dirname(require.resolve("piscina")), "common.js");
const { markMovable } = require(COMMON) as {
  /** A result is sent as `TRANSFERABLE` and `VALUE` of it say. */
  markMovable(result: object): void;
};
/** Piscina's `transferableSymbol` and `valueSymbol`. */
const TRANSFERABLE = Symbol.for("Piscina.transferable");
const VALUE = Symbol.for("Piscina.valueOf");

/** What a thread does its tasks with. */
interface ThreadParts {
  readonly shard: SessionShard;
  /** null: the only shard scans what it applies. */
  readonly scanner: ReturnType<ScannerMaker> | null;
}

let parts: ThreadParts | null = null;
let bytesHeld = 0;
let collect: Collect | null = null;

/** What a task comes to, at once or after a turn of the event loop. */
type Answer<Result> = Result | Promise<Result>;

/** V8's collector: of all objects, or of those that are new. */
type Collect = (options?: { readonly type: "minor" }) => void;

/** Unpacked bytes that may wait to be collected, and for the event loop then. */
const FOREIGN_BYTES_MAX = 4 * 1024 * 1024;
let foreignBytes = 0;
/** The answer that waits for the event loop; those behind it wait for it. */
let waiting: Promise<unknown> | null = null;

/** Keeps what was compiled so far, for the threads to come. */
export function loaded(): void {
  module.flushCompileCache?.();
}

/** Makes the shard of this thread. */
export function create(options: ShardOptions): void {
  const makeScanner = scannerMaker(options);
  const shard = createShard(options, makeScanner);
  const scanner = options.shardCount > 1 ? makeScanner() : null;
  parts = { shard, scanner };
  bytesHeld = shard.bytesHeld;
}

/** Makes the shard, and with some tasks the thread quick from the first visit on. */
export function ready({ options, tasks }: ReadyMessage): void {
  create(options);
  if (tasks.length > 0) warmUp(options, tasks);
}

/** Applies one task to the shard of this thread; answers with its report. */
export default function applyTask(message: TaskMessage): unknown {
  let report: ReportMessage;
  const { shard } = ownParts();
  try {
    report = shard.handle(message);
  } catch (error) {
    return answer(failureOf(error));
  }
  collectOldMemory(shard);
  const { user, system } = process.threadCpuUsage();
  const threadCpuMs = (user + system) / 1000;
  const posted: PostedReport = { ...report, threadCpuMs };
  const result = { [TRANSFERABLE]: transferables(report), [VALUE]: posted };
  markMovable(result);
  return answer(result);
}

/** Scans a chunk for all shards. */
export function scan(message: ScanMessage): Answer<ScanAnswer | WorldFailure> {
  const { scanner } = ownParts();
  if (scanner === null) {
    throw new Error("Cannot scan a chunk: the only shard does so itself");
  }
  try {
    return answer(scanner.scan(message));
  } catch (error) {
    return answer(failureOf(error));
  }
}

/** Says what sessions the shard of this thread has. */
export function look(message: LookMessage): Answer<LookAnswer> {
  return answer(ownParts().shard.look(message));
}

/** A thread that stands in for one that has died has none. */
function ownParts(): ThreadParts {
  if (parts !== null) return parts;
  throw new Error("Cannot work in a thread that was given no shard");
}

/**
 * Has what was unpacked freed when it is much, before the answer: Node does so
 * when it is collected and the event loop turns, to which a thread that always
 * has a next task would never come. V8, which knows of little of it, collects
 * late, and then all. Answers keep their order.
 */
function answer<Result>(result: Result): Answer<Result> {
  foreignBytes += takeForeignBytes();
  const isMuch = foreignBytes >= FOREIGN_BYTES_MAX;
  if (waiting === null && !isMuch) return result;
  if (isMuch) {
    foreignBytes = 0;
    collect ??= collector();
    collect({ type: "minor" });
  }
  const turn = waiting ?? new Promise((resolve) => setImmediate(resolve));
  const later = turn.then(() => result);
  waiting = later;
  later.then(() => {
    if (waiting === later) waiting = null;
  });
  return later;
}

/**
 * Collects the memory that the windows have moved out of, if they have. V8 would
 * do so late, or never where no visits come: the thread makes hardly any garbage.
 */
function collectOldMemory(shard: SessionShard): void {
  const before = bytesHeld;
  bytesHeld = shard.bytesHeld;
  if (bytesHeld >= before) return;
  collect ??= collector();
  collect();
}

/** V8's collector. With the flag for it from the start, threads start slower. */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
