import type { Rule } from "../../support/replay_rules.ts";

/** What a visit does that joins two sessions. */
export const BRIDGING_RULES: readonly Rule[] = [
  {
    name: "joining two unfired sessions is silent until the merged end",
    given: [
      "a 12:00:00",
      "a 12:12:00",
      "a 12:06:00",
      "watermark 12:21:59.998",
      "watermark 12:21:59.999",
    ],
    expected: ["a 12:00:00 12:06:00 12:12:00 at 12:21:59.999000"],
  },
  {
    name: "joining two fired sessions fires the merged one at once",
    given: ["a 12:00:00", "a 12:12:00", "watermark 12:22:00", "a 12:06:00"],
    expected: [
      "a 12:00:00 at 12:22:00",
      "a 12:12:00 at 12:22:00",
      "a 12:00:00 12:06:00 12:12:00 at 12:22:00",
    ],
  },
  {
    name: "joining a fired and an unfired one is silent until the merged end",
    given: [
      "a 12:00:00",
      "a 12:12:00",
      "watermark 12:10:00",
      "a 12:06:00",
      "watermark 12:21:59.998",
      "watermark 12:21:59.999",
    ],
    expected: [
      "a 12:00:00 at 12:10:00",
      "a 12:00:00 12:06:00 12:12:00 at 12:21:59.999000",
    ],
  },
  {
    name: "a visit that would bridge a gone session to a fired one joins that",
    given: ["a 12:00:00", "a 12:12:00", "watermark 12:24:59.999", "a 12:06:00"],
    expected: [
      "a 12:00:00 at 12:24:59.999000",
      "a 12:12:00 at 12:24:59.999000",
      "a 12:06:00 12:12:00 at 12:24:59.999000",
    ],
  },
  {
    name: "the same visit 1 ms before joins both",
    given: ["a 12:00:00", "a 12:12:00", "watermark 12:24:59.998", "a 12:06:00"],
    expected: [
      "a 12:00:00 at 12:24:59.998000",
      "a 12:12:00 at 12:24:59.998000",
      "a 12:00:00 12:06:00 12:12:00 at 12:24:59.998000",
    ],
  },
  {
    name: "a visit that would bridge a gone session to an unfired one joins that",
    given: [
      "a 12:00:00",
      "a 12:16:00",
      "watermark 12:24:59.999",
      "a 12:08:00",
      "watermark 12:25:59.999",
    ],
    expected: [
      "a 12:00:00 at 12:24:59.999000",
      "a 12:08:00 12:16:00 at 12:25:59.999000",
    ],
  },
  {
    name: "the parts of a merged session leave no deadlines behind",
    given: [
      "a 12:00:00",
      "a 12:12:00",
      "a 12:06:00",
      "watermark 12:36:59.998",
      "a 12:00:30",
      "watermark 12:36:59.999",
      "a 12:01:00",
    ],
    expected: [
      "a 12:00:00 12:06:00 12:12:00 at 12:36:59.998000",
      "a 12:00:00 12:00:30 12:06:00 12:12:00 at 12:36:59.998000",
      "late a 12:01:00",
    ],
  },
  {
    name: "equal event times stay in arrival order across a merge",
    given: [
      "a 12:11:00/first",
      "a 12:00:00/x",
      "a 12:05:00/bridge",
      "a 12:11:00/second",
      "watermark 13:00:00",
    ],
    expected: [
      "a 12:00:00/x 12:05:00/bridge 12:11:00/first 12:11:00/second at 13:00:00",
    ],
  },
];
