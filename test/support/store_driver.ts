import { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import type { WindowStore } from "../../src/window/window_store.ts";
import { type CollectedFiring, CollectingOutput } from "./collecting_output.ts";
import { buildColumns, type SimpleVisit } from "./visit_columns_builder.ts";

/** A firing, and what caused it. */
export interface DrivenFiring extends CollectedFiring {
  /** Counts the calls of `apply` and `advanceTo`. */
  readonly step: number;
  readonly watermarkMs: number;
}

/** Drives a store as a shard does: calls again whenever the output got full. */
export class StoreDriver {
  readonly store: WindowStore;
  readonly firings: DrivenFiring[] = [];
  readonly lateOffsets: number[] = [];
  /** Of visits whose session was full. */
  readonly fullOffsets: number[] = [];
  readonly #out: CollectingOutput;
  readonly #columns = new VisitColumns();
  #step = 0;

  constructor(store: WindowStore, capacity = Infinity) {
    this.store = store;
    this.#out = new CollectingOutput(capacity);
  }

  /** Applies visits as one batch. */
  apply(visits: readonly SimpleVisit[]): void {
    const columns = buildColumns(visits, this.#columns);
    let next = 0;
    for (;;) {
      next = this.store.applyVisits(columns, next, this.#out);
      if (next === columns.count) break;
      this.#drain();
    }
    for (const index of this.#out.lateIndexes.splice(0)) {
      this.lateOffsets.push(columns.offset[index]!);
    }
    for (const index of this.#out.fullIndexes.splice(0)) {
      this.fullOffsets.push(columns.offset[index]!);
    }
    this.#endStep();
  }

  /** Moves the watermark. */
  advanceTo(watermarkMs: number): void {
    while (!this.store.advanceTo(watermarkMs, this.#out)) this.#drain();
    this.#endStep();
  }

  #drain(): void {
    if (!this.#out.isFull) throw new Error("Cannot go on: store made no use");
    this.#out.drain();
  }

  #endStep(): void {
    const { watermarkMs } = this.store;
    for (const firing of this.#out.firings.splice(0)) {
      this.firings.push({ ...firing, step: this.#step, watermarkMs });
    }
    this.#step++;
    this.#out.drain();
  }
}
