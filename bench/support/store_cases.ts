import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import { CopyingOutput } from "./copying_output.ts";
import { threadCpuMicros } from "./thread_cpu.ts";
import { stringBytesOf, VisitLoad } from "./visit_load.ts";

const PARAMETERS = { gapMs: 600_000, allowedLatenessMs: 900_000 };
const OUT_OF_ORDERNESS_MS = 1_200_000;
const START_MS = Date.UTC(2024, 5, 1);

/** Visits of a visitor before another one takes the place. */
const VISITS_OF_VISITOR = 13;
/** Time between two visits of a visitor, on average. */
const MEAN_PAUSE_MS = 180_000;

// As in a worker: once a buffer has been transferred, V8 checks every access.
structuredClone(new ArrayBuffer(8), { transfer: [new ArrayBuffer(8)] });

/** Visits of many visitors at random, in order of time. */
export function benchStream(
  visits: number,
  activeVisitors = 50_000,
): Record<string, number> {
  const kernel = new WindowKernel();
  const store = new KernelStore(PARAMETERS, kernel);
  const out = new CopyingOutput();
  const load = new VisitLoad(kernel.columns);
  const visitors = Array.from({ length: activeVisitors }, (_, i) => i);
  const seen = new Uint8Array(activeVisitors).map((_, i) => i % 13);
  let nextVisitor = activeVisitors;
  let random = 12345;
  let applyMicros = 0;
  let fireMicros = 0;
  let measured = 0;
  for (let visit = 0; visit < visits; visit++) {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    const at = (random >>> 0) % activeVisitors;
    const ms = Math.floor((visit * MEAN_PAUSE_MS) / activeVisitors / 1000);
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
    const watermarkMs = timestampMs - OUT_OF_ORDERNESS_MS - 1;
    while (!store.advanceTo(watermarkMs, out)) {}
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
export function benchOpen(
  sessions: number,
  visits: number,
): Record<string, number> {
  const kernel = new WindowKernel();
  const store = new KernelStore(PARAMETERS, kernel);
  const out = new CopyingOutput();
  const load = new VisitLoad(kernel.columns);
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
  while (!store.advanceTo(Infinity, out)) {}
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
