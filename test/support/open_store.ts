import { hashKey } from "../../src/kernel/host/key_hash.ts";
import { debugCalls, type SessionField } from "./debug_kernel.ts";
import { at, GAP_MS, LATENESS_MS, ORIGIN_MS } from "./small_windows.ts";
import { StoreDriver } from "./store_driver.ts";
import { VerifiedStore } from "./verified_store.ts";

/** A store with all that a store can hold, and a hand that reaches into it. */
export class OpenStore {
  readonly store = new VerifiedStore({
    gapMs: GAP_MS,
    allowedLatenessMs: LATENESS_MS,
  });
  /** The block of a session that is gone; so are those of its neighbours. */
  readonly freed: number;

  constructor() {
    this.store.keepChanges({});
    const driver = new StoreDriver(this.store);
    const gone = Array.from({ length: 40 }, (_, i) => `gone-${i}`);
    driver.apply(gone.map((visitId) => at(0, { visitId })));
    this.freed = this.session("gone-20");
    driver.apply([at(50_000), at(90_000, { visitId: "lives" })]);
    driver.advanceTo(ORIGIN_MS + 60_000);
    // The window log has these, and of what follows nothing.
    this.store.exportChanges(1, 1e9);
    driver.apply([
      // Two sessions of a key; visits in several chunks; a user that moved; one
      // session that has swallowed a fired one, whose block is still waiting.
      at(100_000),
      at(100_000, { visitId: "single", userId: null }),
      at(100_001, { visitId: "single", userId: "u".repeat(300) }),
      ...Array.from({ length: 50 }, (_, i) =>
        at(120_000 + i, { visitId: "long", page: `page-${i}` }),
      ),
      at(45_000, { visitId: "merged" }),
      at(60_000, { visitId: "merged" }),
      at(52_500, { visitId: "merged" }),
    ]);
  }

  get calls() {
    return debugCalls(this.store.kernel);
  }

  /** What `verifyStore` says. */
  get fault(): number {
    return this.calls.verifyStore();
  }

  get memory(): Buffer {
    return this.store.kernel.bytes;
  }

  /** The slot of a key. */
  slot(visitId: string): number {
    const hash = hashKey(Buffer.from(visitId), 0, visitId.length);
    for (let slot = 0; slot < this.calls.slotCount(); slot++) {
      const session = this.calls.sessionAt(slot);
      if (session === 0) continue;
      if (this.memory.readInt32LE(this.#place(session, "KEY_HASH")) === hash) {
        return slot;
      }
    }
    throw new Error(`Cannot find ${visitId}: no slot has its hash`);
  }

  /** The newest session of a key. */
  session(visitId: string): number {
    return this.calls.sessionAt(this.slot(visitId));
  }

  /** An integer of a session. */
  get(visitId: string, field: SessionField): number {
    return this.memory.readInt32LE(this.#place(this.session(visitId), field));
  }

  set(visitId: string, field: SessionField, value: number): void {
    const place = this.#place(this.session(visitId), field);
    this.memory.writeInt32LE(value, place);
  }

  addMs(visitId: string, field: SessionField, ms: number): void {
    const place = this.#place(this.session(visitId), field);
    this.memory.writeDoubleLE(this.memory.readDoubleLE(place) + ms, place);
  }

  /** Where the entry of a slot is: hash, session. */
  entry(slot: number): number {
    return this.calls.tableBlock() + 8 * slot;
  }

  #place(session: number, field: SessionField): number {
    return session + this.calls[field].value;
  }
}
