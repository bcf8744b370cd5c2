import { TypedStore } from "../src/window/typed_store.ts";
import type { FiredSession, StoreOutput } from "../src/window/window_store.ts";
import { stringBytesOf, VisitLoad } from "./visit_load.ts";

const PARAMETERS = { gapMs: 600_000, allowedLatenessMs: 900_000 };
const OUT_OF_ORDERNESS_MS = 1_200_000;
const START_MS = Date.UTC(2024, 5, 1);

/** Visits of a visitor before another one takes the place. */
const VISITS_OF_VISITOR = 13;
const ACTIVE_VISITORS = Number(process.argv[4] ?? 50_000);
/** Time between two visits of a visitor, on average. */
const MEAN_PAUSE_MS = 180_000;

// As in a worker: once a buffer has been transferred, V8 checks every access.
structuredClone(new ArrayBuffer(8), { transfer: [new ArrayBuffer(8)] });

/** Copies what it is given, as a shard's encoder does. */
class CopyingOutput implements StoreOutput {
  readonly isFull = false;
  readonly generationTime = "2024-08-14T03:03:41.035179";
  readonly #target = Buffer.alloc(1024 * 1024);
  sessions = 0;
  bytes = 0;
  #at = 0;

  emit(value: Buffer, valueLength: number, _session: FiredSession): void {
    if (this.#at + valueLength > this.#target.length) this.#at = 0;
    value.copy(this.#target, this.#at, 0, valueLength);
    this.#at += valueLength;
    this.bytes += valueLength;
    this.sessions++;
  }

  late(): void {
    throw new Error("Cannot run bench: a visit is late");
  }
}

/** CPU time of this thread alone, in µs: other load hardly disturbs it. */
function threadCpuMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Visits of many visitors at random, in order of time. */
function benchStream(visits: number): Record<string, number> {
  const store = new TypedStore(PARAMETERS);
  const out = new CopyingOutput();
  const load = new VisitLoad();
  const visitors = Array.from({ length: ACTIVE_VISITORS }, (_, i) => i);
  const seen = new Uint8Array(ACTIVE_VISITORS).map((_, i) => i % 13);
  let nextVisitor = ACTIVE_VISITORS;
  let random = 12345;
  let applyMicros = 0;
  let fireMicros = 0;
  let measured = 0;
  for (let visit = 0; visit < visits; visit++) {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    const at = (random >>> 0) % ACTIVE_VISITORS;
    const ms = Math.floor((visit * MEAN_PAUSE_MS) / ACTIVE_VISITORS / 1000);
    const timestampMs = START_MS + ms * 1000;
    load.add({ visitor: visitors[at]!, timestampMs });
    if (++seen[at]! === VISITS_OF_VISITOR) {
      seen[at] = 0;
      visitors[at] = nextVisitor++;
    }
    if (!load.isFull) continue;
    const start = threadCpuMicros();
    store.applyVisits(load.columns, 0, out);
    const applied = threadCpuMicros();
    store.advanceTo(timestampMs - OUT_OF_ORDERNESS_MS - 1, out);
    const end = threadCpuMicros();
    if (visit > visits / 2) {
      applyMicros += applied - start;
      fireMicros += end - applied;
      measured += load.columns.count;
    }
    load.clear();
  }
  return {
    "apply, µs a visit": applyMicros / measured,
    "fire, µs a visit": fireMicros / measured,
    "both, µs a visit": (applyMicros + fireMicros) / measured,
    "open sessions": store.openSessions,
    "visits a session": out.sessions && store.openVisits / store.openSessions,
    "MB held": store.bytesHeld / 1e6,
  };
}

/** Many sessions that are open at once, each with so many visits. */
function benchOpen(sessions: number, visits: number): Record<string, number> {
  const store = new TypedStore(PARAMETERS);
  const out = new CopyingOutput();
  const load = new VisitLoad();
  const start = threadCpuMicros();
  for (let visit = 0; visit < visits; visit++) {
    for (let visitor = 0; visitor < sessions; visitor++) {
      const ms =
        visit * MEAN_PAUSE_MS + Math.floor((visitor * 100) / sessions) * 1000;
      load.add({ visitor, timestampMs: START_MS + ms });
      if (!load.isFull) continue;
      store.applyVisits(load.columns, 0, out);
      load.clear();
    }
  }
  store.applyVisits(load.columns, 0, out);
  const applied = threadCpuMicros();
  const bytesHeld = store.bytesHeld;
  store.advanceTo(Infinity, out);
  const fired = threadCpuMicros();
  return {
    sessions: out.sessions,
    "build (with load), µs a visit": (applied - start) / sessions / visits,
    "bytes a session": bytesHeld / sessions,
    "times its strings": bytesHeld / sessions / stringBytesOf(visits),
    "fire all, s": (fired - applied) / 1e6,
    "fire, µs a visit": (fired - applied) / sessions / visits,
    "MB put out": out.bytes / 1e6,
    "MB held afterwards": store.bytesHeld / 1e6,
  };
}

const [streamVisits = "3000000", openSessions = "100000"] =
  process.argv.slice(2);
if (Number(streamVisits) > 0) show(benchStream(Number(streamVisits)));
if (Number(openSessions) > 0) show(benchOpen(Number(openSessions), 20));

function show(figures: Record<string, number>): void {
  for (const [name, value] of Object.entries(figures)) {
    process.stdout.write(
      `${name.padEnd(34)}${value.toFixed(3).padStart(14)}\n`,
    );
  }
}
