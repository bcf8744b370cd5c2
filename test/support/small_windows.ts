import type { WindowStore } from "../../src/window/window_store.ts";

import { type DrivenFiring, StoreDriver } from "./store_driver.ts";
import { VerifiedStore } from "./verified_store.ts";
import type { SimpleVisit } from "./visit_columns_builder.ts";

// Windows that are short enough to do sums with.

export const GAP_MS = 10_000;
export const LATENESS_MS = 20_000;
export const ORIGIN_MS = Date.UTC(2024, 5, 1);

/** A store with these windows. */
export function createStore(latenessMs = LATENESS_MS): WindowStore {
  return new VerifiedStore({ gapMs: GAP_MS, allowedLatenessMs: latenessMs });
}

/** The same with a driver around it. */
export function drive({ latenessMs = LATENESS_MS } = {}): StoreDriver {
  return new StoreDriver(createStore(latenessMs));
}

/** A visit so many ms after the origin. */
export function at(ms: number, others: Partial<SimpleVisit> = {}): SimpleVisit {
  const eventTime = new Date(ORIGIN_MS + ms).toISOString();
  return { visitId: "a", eventTime, page: "home", ...others };
}

/** The parts of a firing that most rules are about. */
export function summary({
  id,
  revision,
  visits,
  newVisits,
}: DrivenFiring): object {
  return { id, revision, visits, newVisits };
}

/** The watermark in the value of a firing. */
export function watermarkOf({ value }: DrivenFiring): string {
  return JSON.parse(value).data_processing_context.watermark;
}
