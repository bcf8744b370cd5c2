import assert from "node:assert/strict";
import { hashKey, shardOf } from "../../src/kernel/host/key_hash.ts";
import { canonicalString } from "../../src/window/canonical_json.ts";
import type { LogState } from "../../src/window/window_changes.ts";
import type { WindowParameters } from "../../src/window/window_store.ts";
import { exportAll, LogModel, mergeStates, restoreFrom } from "./log_model.ts";
import { type DrivenFiring, StoreDriver } from "./store_driver.ts";
import { VerifiedStore } from "./verified_store.ts";
import type { SimpleVisit } from "./visit_columns_builder.ts";
import type { ScenarioStep } from "./window_scenarios.ts";

/** What a step has put out: firings in one order, and late and full visits. */
export interface StepOutput {
  readonly firings: readonly Omit<DrivenFiring, "step">[];
  readonly late: readonly number[];
  readonly full: readonly number[];
}

interface Shard {
  readonly store: VerifiedStore;
  readonly driver: StoreDriver;
}

/** Shards that keep their windows in a log, as a run does. */
export class DurableShards {
  readonly log = new LogModel();
  readonly #parameters: WindowParameters;
  readonly #recordBytes: number;
  #shards: Shard[];
  #commit = 0;
  #watermarkMs = -Infinity;
  #states = mergeStates([]);

  constructor(
    parameters: WindowParameters,
    shardCount: number,
    recordBytes = 512 * 1024,
  ) {
    this.#parameters = parameters;
    this.#recordBytes = recordBytes;
    this.#shards = this.#create(shardCount);
  }

  /** Does a step. */
  do(step: ScenarioStep): StepOutput {
    if (step.kind === "watermark") this.#watermarkMs = step.watermarkMs;
    this.#apply(step);
    return outputOf(this.#shards.map(({ driver }) => driver));
  }

  /** Renews what is older than some commits, and commits in slices. */
  commit(slice: {
    readonly bytesMax: number;
    readonly renewedCommits: number;
    readonly renewedBytes: number;
  }): void {
    this.#commit++;
    const before = this.#commit - slice.renewedCommits;
    for (const { store } of this.#shards) {
      for (const { partition } of this.#states) {
        store.renew(partition, before, slice.renewedBytes);
      }
    }
    this.#export(this.#commit, slice.bytesMax);
    this.#states = mergeStates(this.#shards.map(({ store }) => store));
  }

  /** Another life with other shards. */
  restart(shardCount: number): void {
    this.#shards = this.#create(shardCount);
    this.#restore();
  }

  /** The same shards go back to the last commit, after what is void of theirs. */
  goBack(voided: ScenarioStep | undefined): void {
    if (voided !== undefined) this.#apply(voided);
    for (const { store } of this.#shards) {
      store.exportChanges(this.#commit + 1, 1);
      store.clear();
      assert.equal(store.changeBytes, 0);
      assert.equal(store.openSessions, 0);
    }
    outputOf(this.#shards.map(({ driver }) => driver));
    this.#restore();
  }

  /** What the shards need of the log, as of the last commit. */
  get states(): readonly LogState[] {
    return this.#states;
  }

  get counts() {
    const stores = this.#shards.map(({ store }) => store);
    const sum = (of: (store: VerifiedStore) => number) =>
      stores.reduce((total, store) => total + of(store), 0);
    return {
      sessions: sum((store) => store.openSessions),
      visits: sum((store) => store.openVisits),
      unfired: sum((store) => store.unfiredVisits),
      mixed: sum((store) => store.openMixedSessions),
    };
  }

  #create(shardCount: number): Shard[] {
    return Array.from({ length: shardCount }, () => {
      const store = new VerifiedStore(this.#parameters);
      store.keepChanges({ logRecordBytesMax: this.#recordBytes });
      return { store, driver: new StoreDriver(store) };
    });
  }

  #apply(step: ScenarioStep): void {
    const { length: shardCount } = this.#shards;
    for (const [shard, { driver }] of this.#shards.entries()) {
      if (step.kind === "watermark") driver.advanceTo(step.watermarkMs);
      else {
        driver.apply(
          step.visits.filter((visit) => ownerOf(visit, shardCount) === shard),
        );
      }
    }
  }

  #export(commit: number, bytesMax: number): void {
    for (const { store } of this.#shards) {
      exportAll(store, this.log, commit, bytesMax);
    }
  }

  #restore(): void {
    const batches = this.log.from(this.#states);
    const shardCount = this.#shards.length;
    for (const [shard, { store }] of this.#shards.entries()) {
      restoreFrom(store, batches, { shard, shardCount });
      store.reassign(new Set(), this.#watermarkMs);
    }
    const restored = mergeStates(this.#shards.map(({ store }) => store));
    assert.deepEqual(restored, this.#states);
  }
}

/** What drivers have put out since the last call. */
export function outputOf(drivers: readonly StoreDriver[]): StepOutput {
  const take = <Item>(of: (driver: StoreDriver) => Item[]) =>
    drivers.flatMap((driver) => of(driver).splice(0));
  const firings = take((driver) => driver.firings).map(
    ({ step: _, ...firing }) => firing,
  );
  return {
    firings: firings.sort(
      (a, b) =>
        a.causeOffset - b.causeOffset ||
        a.endMs - b.endMs ||
        (a.visitId < b.visitId ? -1 : 1),
    ),
    late: take((driver) => driver.lateOffsets).sort((a, b) => a - b),
    full: take((driver) => driver.fullOffsets).sort((a, b) => a - b),
  };
}

function ownerOf({ visitId }: SimpleVisit, shardCount: number): number {
  const key = Buffer.from(canonicalString(visitId), "latin1");
  return shardOf(hashKey(key, 0, key.length), shardCount);
}
