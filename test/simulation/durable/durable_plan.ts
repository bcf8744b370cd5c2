import type { WindowConfig } from "../../../src/config/config.ts";
import { Random } from "../../../src/generate/random.ts";
import type { NetworkPlan } from "../kafka/model_network.ts";
import { START_MS } from "../plan.ts";
import type { ShardFault } from "./durable_fleet.ts";

/** A record that somebody writes to the input. */
export interface LedgerRecord {
  readonly arrivesAtMs: number;
  readonly partition: number;
  readonly visitor: number;
  readonly eventMs: number;
  readonly kind: "visit" | "late" | "garbage";
}

/** What befalls a process, the brokers or the topic, and when. */
export interface Mishap {
  readonly kind:
    | "kill"
    | "freeze"
    | "stop"
    | "twin"
    | "brokers away"
    | "partition added"
    | "topic made anew";
  readonly atMs: number;
  /** Which of the processes. */
  readonly slot: number;
  /** How long it is away, ms. */
  readonly forMs: number;
}

/** All that a seed decides before its run begins. */
export interface DurablePlan {
  readonly seed: number;
  readonly partitionCount: number;
  /** A visitor comes from any partition, not from one alone. */
  readonly isMixed: boolean;
  /** No visit is beyond the bound: the result is the naive one. */
  readonly isExact: boolean;
  readonly window: WindowConfig;
  readonly idleTimeoutMs: number;
  readonly records: readonly LedgerRecord[];
  /** Visits far ahead come last, so that all sessions before them fire. */
  readonly isClosed: boolean;
  /** When each process starts for the first time, ms. */
  readonly startsAtMs: readonly number[];
  readonly isStatic: boolean;
  readonly commitIntervalMs: number;
  readonly transactionTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly maxInFlightBytes: number;
  /** Records that are scanned by each shard that gets them, 0 for none. */
  readonly sharedRecordsMax: number;
  readonly network: NetworkPlan;
  readonly mishaps: readonly Mishap[];
  /** One of so many markers of transactions is late. */
  readonly slowMarkerOneIn: number;
  /** One of so many lives has a fault of a shard; 0: none. */
  readonly shardFaultOneIn: number;
  /** Longest delays, ms. */
  readonly slowness: { readonly source: number; readonly shard: number };
}

const BOUND_MS = 4_000;
const GAP_MS = 2_000;
const VISITORS = 4;

/** The plan of a seed. */
export function durablePlanOf(seed: number): DurablePlan {
  const random = new Random(seed + 5_000_000);
  const partitionCount = random.between(1, 3);
  const isMixed = random.below(6) === 0;
  const isExact = random.below(3) > 0;
  const idleTimeoutMs = isExact ? 0 : random.pick([0, 3_000]);
  const records = planRecords(random, { partitionCount, isMixed, isExact });
  const spanMs = records.at(-1)!.arrivesAtMs - START_MS + 1_000;
  const sessionTimeoutMs = random.pick([1_500, 3_000]);
  const processes = random.pick([1, 1, 2, 3]);
  const fates = { processes, spanMs, sessionTimeoutMs };
  const mishaps = planMishaps(random, fates);
  const isAnew = mishaps.some(({ kind }) => kind === "topic made anew");
  return {
    ...{ seed, partitionCount, isMixed, isExact, idleTimeoutMs, records },
    window: {
      gapMs: GAP_MS,
      outOfOrdernessMs: BOUND_MS,
      // Without any, a visit at the bound can miss a session it touches.
      allowedLatenessMs: random.pick([1, 3_000]),
      timePrecision: "ms",
      pageOrder: "text",
      maxSkewMs: null,
    },
    isClosed: isAnew || random.below(3) > 0,
    startsAtMs: Array.from({ length: processes }, (_, slot) =>
      slot === 0 ? START_MS : START_MS + random.below(spanMs),
    ),
    isStatic: random.below(2) === 0,
    commitIntervalMs: random.pick([80, 150, 400]),
    transactionTimeoutMs: random.pick([2_000, 8_000]),
    ...{ sessionTimeoutMs, rebalanceTimeoutMs: random.pick([3_000, 6_000]) },
    maxInFlightBytes: random.pick([4_000, 1 << 20]),
    // By the seed alone: the rest of its plan is as it was without.
    sharedRecordsMax: [0, 12, 0, 1000][(seed >> 2) % 4]!,
    network: {
      slowestMs: random.pick([3, 30, 200]),
      troubleOneIn: random.pick([0, 0, 100, 40]),
      calmAtMs: START_MS + spanMs,
    },
    mishaps,
    slowMarkerOneIn: random.pick([2, 10]),
    shardFaultOneIn: random.pick([0, 0, 4]),
    slowness: {
      source: random.pick([2, 50, 500]),
      shard: random.pick([1, 20, 200]),
    },
  };
}

function planRecords(
  random: Random,
  shape: { partitionCount: number; isMixed: boolean; isExact: boolean },
): LedgerRecord[] {
  const { partitionCount, isMixed, isExact } = shape;
  const records: LedgerRecord[] = [];
  let nowMs = START_MS + 50;
  for (let left = random.between(30, 110); left > 0; left--) {
    nowMs += random.pick([0, 0, 20, 100, 300]);
    const partition = random.below(partitionCount);
    const home = isMixed ? random.below(partitionCount) : partition;
    const visitor = random.below(VISITORS) * partitionCount + home;
    const kind = kindOf(random, isExact);
    const beyondMs = kind === "late" ? BOUND_MS + 8_000 : 0;
    const delayMs = random.below(BOUND_MS) + beyondMs;
    const eventMs = nowMs - delayMs;
    records.push({ arrivesAtMs: nowMs, partition, visitor, eventMs, kind });
  }
  return records;
}

function kindOf(random: Random, isExact: boolean): LedgerRecord["kind"] {
  const dice = random.below(14);
  if (dice === 0) return "garbage";
  return dice === 1 && !isExact ? "late" : "visit";
}

function planMishaps(
  random: Random,
  shape: { processes: number; spanMs: number; sessionTimeoutMs: number },
): Mishap[] {
  const { processes, spanMs, sessionTimeoutMs } = shape;
  const count = random.pick([0, 1, 2, 4, 6]);
  const mishaps = Array.from({ length: count }, () => {
    const kind = random.pick<Mishap["kind"]>([
      ...(["kill", "kill", "kill", "freeze", "freeze", "stop"] as const),
      "brokers away",
      "partition added",
      // What is lost with it is lost to the checks as well: seldom.
      random.below(6) > 0 ? "twin" : "topic made anew",
    ]);
    const longMs = sessionTimeoutMs + random.below(3_000);
    return {
      kind,
      atMs: START_MS + random.below(spanMs),
      slot: random.below(processes),
      forMs: random.pick([30, 400, longMs]),
    };
  });
  return mishaps.sort((a, b) => a.atMs - b.atMs);
}

/** What breaks in the shards of a life that begins. */
export function shardFaultOf(
  plan: DurablePlan,
  random: Random,
  nowMs: number,
): ShardFault | null {
  const { shardFaultOneIn, network } = plan;
  if (shardFaultOneIn === 0 || nowMs >= network.calmAtMs) return null;
  if (random.below(shardFaultOneIn) > 0) return null;
  const kind = random.pick(["throws", "hangs"] as const);
  return { kind, at: random.between(1, 60) };
}
