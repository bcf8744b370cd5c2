import type { WindowConfig } from "../../src/config/config.ts";
import { Random } from "../../src/generate/random.ts";

/** When the virtual clock starts. */
export const START_MS = Date.parse("2024-06-01T00:00:00Z");

/** One record of a simulated topic. */
export interface PlannedRecord {
  /** When it is there to be read. */
  readonly arrivesAtMs: number;
  readonly visitor: number;
  readonly eventMs: number;
  readonly kind: "visit" | "late" | "garbage";
}

/** What breaks in a run, and at which of its tasks, writes or reads. */
export interface PlannedFault {
  readonly part: "shard" | "sink" | "source";
  readonly at: number;
}

/** All that a seed decides before its run begins. */
export interface Plan {
  readonly seed: number;
  readonly workers: number;
  readonly window: WindowConfig;
  readonly idleTimeoutMs: number;
  readonly isBounded: boolean;
  /** Records of a round, of a run that goes by rounds; else null. */
  readonly roundRecords: number | null;
  /** Records that are scanned by each shard that gets them, 0 for none. */
  readonly sharedRecordsMax: number;
  /** A visitor comes from any partition, not from one alone. */
  readonly isMixed: boolean;
  /** Nothing is out of bounds or idle: the result is the naive one. */
  readonly isExact: boolean;
  /** By partition. */
  readonly logs: readonly (readonly PlannedRecord[])[];
  /** The whole set of owned partitions from each moment on. */
  readonly assignments: readonly {
    readonly atMs: number;
    readonly partitions: readonly number[];
  }[];
  /** When the topic is made anew, and its old sessions put out; null: never. */
  readonly anewAtMs: number | null;
  /** When the run is asked to stop; null: it ends by itself. */
  readonly stopAtMs: number | null;
  readonly fault: PlannedFault | null;
  /** Longest delays, ms. */
  readonly slowness: {
    readonly source: number;
    readonly shard: number;
    readonly sink: number;
  };
}

const BOUND_SECONDS = 20;
const VISITORS = 12;

/** The plan of a seed. */
export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const isExact = random.below(2) === 0;
  const isBounded = random.below(3) > 0;
  const partitions = random.between(1, 4);
  const isBacklog = random.below(2) === 0;
  const isMixed = random.below(3) === 0;
  const shape = { partitions, isExact, isBacklog, isMixed };
  const logs = planLogs(random, shape);
  const lastMs = Math.max(
    START_MS,
    ...logs.map((log) => log.at(-1)?.arrivesAtMs ?? START_MS),
  );
  const spanMs = lastMs - START_MS;
  const part = random.pick(["shard", "sink", "source"] as const);
  const fault = { part, at: random.between(1, 12) };
  return {
    seed,
    workers: random.between(1, 3),
    window: {
      gapMs: 10_000,
      outOfOrdernessMs: BOUND_SECONDS * 1000,
      // Without any, a visit at the bound can miss a session it touches.
      allowedLatenessMs: isExact ? random.pick([1, 15_000]) : 5_000,
      timePrecision: isMixed ? "ms" : "s",
      pageOrder: "text",
      maxSkewMs: null,
    },
    idleTimeoutMs: isExact ? 0 : 30_000,
    isBounded,
    roundRecords: null,
    // By the seed alone, as `anewAtMs`.
    sharedRecordsMax: [0, 12, 0, 1000][(seed >> 2) % 4]!,
    isMixed,
    isExact,
    logs,
    assignments: planAssignments(random, partitions, spanMs),
    // Drawn by the seed alone: the rest of its plan is as it was without.
    anewAtMs:
      isBounded || seed % 3 > 0 ? null : START_MS + (spanMs * (seed % 7)) / 6,
    stopAtMs: isBounded ? null : START_MS + spanMs + random.below(90_000),
    fault: random.below(5) === 0 ? fault : null,
    slowness: {
      source: random.pick([2, 50, 3_000]),
      shard: random.pick([1, 20, 400]),
      sink: random.pick([1, 100, 2_000]),
    },
  };
}

/** The same as a run by rounds, which owns all partitions and meets no fault. */
export function roundsPlanOf(seed: number): Plan {
  const plan = planOf(seed);
  return {
    ...plan,
    isBounded: true,
    roundRecords: 1 + ((seed * 7) % 12),
    assignments: [{ atMs: START_MS, partitions: [...plan.logs.keys()] }],
    anewAtMs: null,
    stopAtMs: null,
    fault: null,
  };
}

/** Visitors come and go, some partitions fall silent, some never have any. */
function planLogs(
  random: Random,
  shape: {
    partitions: number;
    isExact: boolean;
    isBacklog: boolean;
    isMixed: boolean;
  },
): PlannedRecord[][] {
  const logs = Array.from(
    { length: shape.partitions },
    () => [] as PlannedRecord[],
  );
  let nowMs = START_MS;
  let count = 0;
  const phases = random.between(1, 4);
  for (let phase = 0; phase < phases; phase++) {
    const alive = [...logs.keys()].filter(() => random.below(4) > 0);
    if (alive.length === 0) continue;
    for (let left = random.between(10, 120); left > 0; left--) {
      nowMs += random.below(3) * 1000;
      const partition = random.pick(alive);
      const turn = random.below(VISITORS / 4);
      const home = shape.isMixed ? random.below(logs.length) : partition;
      const visitor = turn * logs.length + home;
      const kind = kindOf(random, shape.isExact);
      const beyond = kind === "late" ? BOUND_SECONDS + 30 : 0;
      const delayMs = (random.between(0, BOUND_SECONDS) + beyond) * 1000;
      logs[partition]!.push({
        arrivesAtMs: shape.isBacklog ? START_MS : nowMs,
        visitor,
        // So that no order of arrival decides where partitions meet.
        eventMs: nowMs - delayMs + (shape.isMixed ? count++ % 1000 : 0),
        kind,
      });
    }
    nowMs += random.pick([0, 0, 60_000]);
  }
  return logs;
}

function kindOf(random: Random, isExact: boolean): PlannedRecord["kind"] {
  const dice = random.below(12);
  if (dice === 0) return "garbage";
  return dice === 1 && !isExact ? "late" : "visit";
}

function planAssignments(random: Random, partitions: number, spanMs: number) {
  const all = Array.from({ length: partitions }, (_, each) => each);
  const some = () => all.filter(() => random.below(3) > 0);
  const assignments = [
    { atMs: START_MS, partitions: random.below(2) === 0 ? all : some() },
  ];
  const changes = random.pick([0, 0, 1, 2, 4]);
  const times = Array.from({ length: changes }, () =>
    random.below(Math.max(spanMs, 20_000)),
  ).sort((a, b) => a - b);
  for (const time of times) {
    assignments.push({ atMs: START_MS + time, partitions: some() });
  }
  return assignments;
}
