import { Random } from "../../src/generate/random.ts";
import type { StoreDriver } from "./store_driver.ts";
import type { SimpleVisit } from "./visit_columns_builder.ts";

/** The windows that these visits are made for. */
export const CROWD_WINDOW = { gapMs: 600_000, allowedLatenessMs: 2_400_000 };
const BATCHES = 300;
const BATCH_VISITS = 60;
const KEYS = 700;
const BATCH_SECONDS = 45;

/**
 * Sessions that come and go by the thousand, so that their memory is used
 * again; `afterStep` is called behind each move of the watermark.
 */
export function driveCrowd(
  driver: StoreDriver,
  afterStep: () => void = () => {},
): void {
  const random = new Random(1);
  for (let batch = 0; batch < BATCHES; batch++) {
    const nowMs = Date.UTC(2024, 5, 1) + batch * BATCH_SECONDS * 1000;
    const visits = Array.from({ length: BATCH_VISITS }, (_, index) =>
      drawVisit(random, nowMs, batch * BATCH_VISITS + index),
    );
    driver.apply(visits);
    if (batch % 3 !== 0) continue;
    driver.advanceTo(nowMs - 600_001);
    afterStep();
  }
  driver.advanceTo(Infinity);
  afterStep();
}

function drawVisit(random: Random, nowMs: number, offset: number): SimpleVisit {
  const key = random.below(KEYS);
  // Most are a little behind, some so far that they may be late.
  const behindMs = random.below(random.below(20) === 0 ? 8e6 : 9e5);
  return {
    visitId: `visitor-${key}${key % 5 === 0 ? "é".repeat(key % 40) : ""}`,
    eventTime: new Date(nowMs - behindMs).toISOString(),
    page: key % 7 === 0 ? null : `page-${"x".repeat(random.below(90))}`,
    userId: `user-${key}`,
    offset,
  };
}
