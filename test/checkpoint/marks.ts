import type { Mark } from "../../src/checkpoint/mark.ts";

/** A mark to be changed by tests. */
export const MARK: Mark = {
  commit: 5,
  offset: 42,
  topic: "visits",
  topicId: "abc",
  group: "g",
  watermarkMs: 1_000,
  clockMs: 2_000,
  state: 1,
  job: { gapMs: 600_000, allowedLatenessMs: 0, precision: "s" },
  by: "g-a",
  isAnew: false,
};
