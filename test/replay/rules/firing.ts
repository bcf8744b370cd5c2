import type { Rule } from "../../support/replay_rules.ts";

/** When a window fires, and in which order. */
export const FIRING_RULES: readonly Rule[] = [
  {
    name: "a window fires when the watermark reaches its end less 1 ms",
    given: ["a 12:00:00", "watermark 12:09:59.999"],
    expected: ["a 12:00:00 at 12:09:59.999000"],
  },
  {
    name: "a window does not fire 1 ms before that",
    given: ["a 12:00:00", "watermark 12:09:59.998"],
    expected: [],
  },
  {
    name: "a firing carries the watermark that caused it",
    given: ["a 12:00:00", "watermark 12:09:59.998", "watermark 12:17:03.040"],
    expected: ["a 12:00:00 at 12:17:03.040000"],
  },
  {
    name: "a window fires once as the watermark goes on",
    given: ["a 12:00:00", "watermark 12:10:00", "watermark 12:20:00"],
    expected: ["a 12:00:00 at 12:10:00"],
  },
  {
    name: "a visit that moves the end makes the old deadline mean nothing",
    given: [
      "a 12:00:00",
      "a 12:05:00",
      "watermark 12:10:00",
      "watermark 12:14:59.998",
      "watermark 12:14:59.999",
    ],
    expected: ["a 12:00:00 12:05:00 at 12:14:59.999000"],
  },
  {
    name: "a visit before the start leaves the deadline where it is",
    given: ["a 12:00:00", "a 11:55:00", "watermark 12:09:59.999"],
    expected: ["a 11:55:00 12:00:00 at 12:09:59.999000"],
  },
  {
    name: "two sessions of an id fire each at its own end",
    given: [
      "a 12:00:00",
      "a 12:10:01",
      "watermark 12:09:59.999",
      "watermark 12:20:00.999",
    ],
    expected: [
      "a 12:00:00 at 12:09:59.999000",
      "a 12:10:01 at 12:20:00.999000",
    ],
  },
  {
    name: "one step past end and lateness gives one firing",
    given: ["a 12:00:00", "watermark 13:00:00", "watermark 14:00:00"],
    expected: ["a 12:00:00 at 13:00:00"],
  },
  {
    name: "firings of one step come in ascending window end",
    given: [
      "e 12:00:05",
      "a 12:00:09",
      "d 12:00:01",
      "b 12:20:00",
      "c 12:00:03",
      "e 12:30:00",
      "watermark 13:00:00",
    ],
    expected: [
      "d 12:00:01 at 13:00:00",
      "c 12:00:03 at 13:00:00",
      "e 12:00:05 at 13:00:00",
      "a 12:00:09 at 13:00:00",
      "b 12:20:00 at 13:00:00",
      "e 12:30:00 at 13:00:00",
    ],
  },
  {
    name: "the end counts in a step, not the start",
    given: ["a 12:00:00", "b 12:01:00", "a 12:02:00", "watermark 13:00:00"],
    expected: ["b 12:01:00 at 13:00:00", "a 12:00:00 12:02:00 at 13:00:00"],
  },
  {
    name: "sessions with equal ends come in the order of their ids' UTF-8 bytes",
    given: ["😀", "b", "é", "~", '"', "ab", "ﾏ", "B", "a", "[", "ü"]
      .map((visitId) => `${visitId} 12:00:00`)
      .concat("watermark 13:00:00"),
    expected: ['"', "B", "[", "a", "ab", "b", "~", "é", "ü", "ﾏ", "😀"].map(
      (visitId) => `${visitId} 12:00:00 at 13:00:00`,
    ),
  },
  {
    name: "a watermark that is not above the current one is ignored",
    given: [
      "a 12:00:00",
      "watermark 12:09:59.999",
      "watermark 12:09:59.999",
      "watermark 11:00:00",
      "a 12:00:01",
      "b 11:59:59",
    ],
    expected: [
      "a 12:00:00 at 12:09:59.999000",
      "b 11:59:59 at 12:09:59.999000",
    ],
  },
];
