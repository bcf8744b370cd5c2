import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { HEADER_BYTES } from "../../src/record/batch_header_reader.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import { CopyingOutput } from "./copying_output.ts";
import { threadCpuMicros } from "./thread_cpu.ts";
import { VisitLoad } from "./visit_load.ts";

const PARAMETERS = { gapMs: 600_000, allowedLatenessMs: 900_000 };
const START_MS = Date.UTC(2024, 5, 1);
const PAUSE_MS = 180_000;
const ALONE = { shard: 0, shardCount: 1 };

interface KeptBatch {
  readonly count: number;
  readonly records: Buffer;
}

/**
 * Sessions with so many visits go into a window log, some of them get one more,
 * and another store makes all of them of the log.
 */
export function benchLog(
  sessions: number,
  visits: number,
  changed: number,
): Record<string, number> {
  const { store, add } = loadedStore();
  for (let visit = 0; visit < visits; visit++) add(sessions, visit);
  const batches: KeptBatch[] = [];
  const putMicros = exportAll(store, 1, batches);
  const putBytes = bytesOf(batches);
  add(changed, visits);
  const growMicros = exportAll(store, 2, batches);
  const growBytes = bytesOf(batches) - putBytes;
  const restoreMicros = restoreAll(batches, store.openVisits);
  return {
    "put, ns a session": (putMicros * 1e3) / sessions,
    "put, bytes a session": putBytes / sessions,
    [`grow ${changed}, ms`]: growMicros / 1e3,
    "grow, bytes a session": growBytes / changed,
    [`restore ${sessions}, ms`]: restoreMicros / 1e3,
    "restore grows, ns a record": benchGrows(sessions, visits),
  };
}

/** Sessions come back from a log that has each visit in a commit of its own. */
function benchGrows(sessions: number, visits: number): number {
  const { store, add } = loadedStore();
  const batches: KeptBatch[] = [];
  for (let visit = 0; visit < visits; visit++) {
    add(sessions, visit);
    exportAll(store, visit + 1, batches);
  }
  const micros = restoreAll(batches, store.openVisits);
  return (micros * 1e3) / (sessions * visits);
}

/** Has another store take what was logged; returns the time it took, µs. */
function restoreAll(batches: readonly KeptBatch[], openVisits: number): number {
  const { store } = loadedStore();
  const start = threadCpuMicros();
  for (const { records, count } of batches)
    store.restore(records, count, ALONE);
  store.reassign(new Set(), START_MS);
  const micros = threadCpuMicros() - start;
  if (store.openVisits === openVisits) return micros;
  throw new Error("Cannot bench: visits were lost in the log");
}

function loadedStore() {
  const kernel = new WindowKernel();
  const store = new KernelStore(PARAMETERS, kernel);
  const out = new CopyingOutput();
  const load = new VisitLoad(kernel.columns);
  store.keepChanges({});
  const apply = () => {
    store.applyVisits(load.columns, 0, out);
    load.clear();
  };
  const add = (visitors: number, visit: number) => {
    for (let visitor = 0; visitor < visitors; visitor++) {
      load.add({ visitor, timestampMs: START_MS + visit * PAUSE_MS });
      if (load.isFull) apply();
    }
    apply();
  };
  return { store, add };
}

/** Exports what has changed, as reports of 1 MiB; returns the time it took, µs. */
function exportAll(
  store: KernelStore,
  commit: number,
  batches: KeptBatch[],
): number {
  let micros = 0;
  for (let isDone = false; !isDone; ) {
    const start = threadCpuMicros();
    isDone = store.exportChanges(commit, 1 << 20);
    const taken = store.takeChanges();
    micros += threadCpuMicros() - start;
    for (const { count, bytes } of taken) {
      const records = Buffer.from(bytes.subarray(HEADER_BYTES));
      batches.push({ count, records });
    }
  }
  return micros;
}

function bytesOf(batches: readonly KeptBatch[]): number {
  return batches.reduce((sum, { records }) => sum + records.length, 0);
}
