import { setTimeout as sleep } from "node:timers/promises";
import type { RunState } from "../../src/observe/run_view.ts";
import { type Asker, ask } from "./admin_askers.ts";
import { sum } from "./statistics.ts";

/** What an asker asks in a turn is under way by then, ms. */
const SETTLE_MS = 300;
/** A state may be so old, ms, when it is answered. */
const STATE_AGE_MS = 1_000;

/** What a turn cost: CPU in µs a visit, which is seconds a million. */
export interface TurnCost {
  readonly main: number;
  readonly shards: number;
  /** The admin server's thread, and those of V8 and libuv. */
  readonly others: number;
  readonly all: number;
  readonly visitsPerSecond: number;
  /** Answers and failures a second. */
  readonly answered: number;
  readonly failed: number;
}

/** A turn of some name. */
export interface Turn<Name extends string> extends TurnCost {
  readonly name: Name;
}

/**
 * Lets askers take turns at one run, null for nobody, until the run is over, and
 * tells what each turn cost. Between two turns of one process little changes but
 * who asks.
 */
export async function takeTurns<Name extends string>(
  url: string,
  options: {
    readonly order: readonly (readonly [name: Name, asker: Asker | null])[];
    readonly seconds: number;
  },
): Promise<Turn<Name>[]> {
  const { order, seconds } = options;
  const turns: Turn<Name>[] = [];
  for (let i = 0; ; i++) {
    const [name, asker] = order[i % order.length]!;
    await asker?.begin();
    const cost = await turnCost(url, { asker, seconds });
    await asker?.pause();
    if (cost === null) return turns;
    turns.push({ name, ...cost });
  }
}

/** Null when the run was over before its end. */
async function turnCost(
  url: string,
  { asker, seconds }: { asker: Asker | null; seconds: number },
): Promise<TurnCost | null> {
  await sleep(SETTLE_MS + STATE_AGE_MS);
  const from = await snapshot(url, asker);
  await sleep(seconds * 1000);
  const to = await snapshot(url, asker);
  if (from === null || to === null || !to.isReady) return null;
  const visits = to.visitsIn - from.visitsIn;
  const elapsed = (to.atMs - from.atMs) / 1000;
  const aVisit = (a: number, b: number) => ((b - a) / visits) * 1000;
  const main = aVisit(from.mainMs, to.mainMs);
  const shards = aVisit(from.shardsMs, to.shardsMs);
  const all = aVisit(from.cpuMs, to.cpuMs);
  return {
    ...{ main, shards, others: all - main - shards, all },
    visitsPerSecond: visits / elapsed,
    answered: (to.answered - from.answered) / seconds,
    failed: (to.failed - from.failed) / seconds,
  };
}

/** Visits and CPU as the run itself tells them of one moment. */
async function snapshot(url: string, asker: Asker | null) {
  const { isGood, body } = await ask(`${url}/state`);
  if (!isGood) return null;
  const state: RunState = JSON.parse(body);
  const { nowMs, isReady, progress, process, shards } = state;
  return {
    ...{ isReady, atMs: nowMs, visitsIn: progress.visitsIn },
    cpuMs: process.cpuMs,
    mainMs: process.mainCpuMs,
    shardsMs: sum(shards.map(({ cpuMs }) => cpuMs)),
    answered: asker?.counts.answered ?? 0,
    failed: asker?.counts.failed ?? 0,
  };
}

/**
 * A turn against nobody's turns just before and behind it, so that what drifts
 * evenly cancels out: one ratio of each turn of that name between two such.
 */
export function ratiosToNeighbours<Name extends string>(
  turns: readonly Turn<Name>[],
  names: { readonly of: Name; readonly to: Name },
): number[] {
  return turns.flatMap((turn, i) => {
    const [before, after] = [turns[i - 1], turns[i + 1]];
    const isBetween = before?.name === names.to && after?.name === names.to;
    if (turn.name !== names.of || !isBetween) return [];
    return [turn.all / ((before.all + after.all) / 2)];
  });
}
