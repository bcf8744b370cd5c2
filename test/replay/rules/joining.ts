import type { Rule } from "../../support/replay_rules.ts";

/** Which visits are one session. */
export const JOINING_RULES: readonly Rule[] = [
  {
    name: "two visits exactly one gap apart are one session",
    given: ["a 12:00:00", "a 12:10:00", "watermark 13:00:00"],
    expected: ["a 12:00:00 12:10:00 at 13:00:00"],
  },
  {
    name: "two visits one second more than a gap apart are two sessions",
    given: ["a 12:00:00", "a 12:10:01", "watermark 13:00:00"],
    expected: ["a 12:00:00 at 13:00:00", "a 12:10:01 at 13:00:00"],
  },
  {
    name: "a visit exactly one gap before a session joins it",
    given: ["a 12:10:00", "a 12:00:00", "watermark 13:00:00"],
    expected: ["a 12:00:00 12:10:00 at 13:00:00"],
  },
  {
    name: "a visit one second more than a gap before a session stays out",
    given: ["a 12:10:01", "a 12:00:00", "watermark 13:00:00"],
    expected: ["a 12:00:00 at 13:00:00", "a 12:10:01 at 13:00:00"],
  },
  {
    name: "a visit inside a session joins it",
    given: ["a 12:00:00", "a 12:10:00", "a 12:05:00", "watermark 13:00:00"],
    expected: ["a 12:00:00 12:05:00 12:10:00 at 13:00:00"],
  },
  {
    name: "visits at the same time are one session",
    given: ["a 12:00:00", "a 12:00:00", "watermark 13:00:00"],
    expected: ["a 12:00:00 12:00:00 at 13:00:00"],
  },
  {
    name: "a visit that touches the sessions on both sides joins them",
    given: ["a 12:00:00", "a 12:20:00", "a 12:10:00", "watermark 13:00:00"],
    expected: ["a 12:00:00 12:10:00 12:20:00 at 13:00:00"],
  },
  {
    name: "a visit that touches one of two sessions leaves the other apart",
    given: ["a 12:00:00", "a 12:20:01", "a 12:10:00", "watermark 13:00:00"],
    expected: ["a 12:00:00 12:10:00 at 13:00:00", "a 12:20:01 at 13:00:00"],
  },
  {
    name: "a visit between two sessions that touches none opens a third",
    given: ["a 12:00:00", "a 12:20:02", "a 12:10:01", "watermark 13:00:00"],
    expected: [
      "a 12:00:00 at 13:00:00",
      "a 12:10:01 at 13:00:00",
      "a 12:20:02 at 13:00:00",
    ],
  },
  {
    name: "a session has no greatest length",
    given: [
      "a 12:40:00",
      "a 12:20:00",
      "a 12:00:00",
      "a 12:30:00",
      "a 12:10:00",
      "watermark 13:00:00",
    ],
    expected: ["a 12:00:00 12:10:00 12:20:00 12:30:00 12:40:00 at 13:00:00"],
  },
  {
    name: "visits of different ids never join",
    given: ["a 12:00:00", "b 12:00:01", "watermark 13:00:00"],
    expected: ["a 12:00:00 at 13:00:00", "b 12:00:01 at 13:00:00"],
  },
  {
    name: "timestamps are cut to whole seconds",
    given: ["a 12:00:00.001", "a 12:10:00.999", "watermark 12:19:59.999"],
    expected: ["a 12:00:00.001 12:10:00.999 at 12:19:59.999000"],
  },
];
