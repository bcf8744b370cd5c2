import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import type { LookAnswer, LookMessage } from "../../src/window/session_look.ts";
import type {
  FiringCounts,
  StoreOutput,
  WindowStore,
} from "../../src/window/window_store.ts";

/** A store that has another one do everything: tests change a part of it. */
export class ForwardingStore<Store extends WindowStore> implements WindowStore {
  protected readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  get watermarkMs(): number {
    return this.store.watermarkMs;
  }
  get openSessions(): number {
    return this.store.openSessions;
  }
  get openVisits(): number {
    return this.store.openVisits;
  }
  get unfiredVisits(): number {
    return this.store.unfiredVisits;
  }
  get openMixedSessions(): number {
    return this.store.openMixedSessions;
  }
  get mixedSessions(): number {
    return this.store.mixedSessions;
  }
  get bytesHeld(): number {
    return this.store.bytesHeld;
  }

  applyVisits(visits: VisitColumns, from: number, out: StoreOutput): number {
    return this.store.applyVisits(visits, from, out);
  }

  advanceTo(watermarkMs: number, out: StoreOutput): boolean {
    return this.store.advanceTo(watermarkMs, out);
  }

  reassign(dropped: ReadonlySet<number>, watermarkMs: number): void {
    this.store.reassign(dropped, watermarkMs);
  }

  takeFirings(): FiringCounts {
    return this.store.takeFirings();
  }

  look(message: LookMessage): LookAnswer {
    return this.store.look(message);
  }

  setSourceTopic(id: string): void {
    this.store.setSourceTopic(id);
  }
}
