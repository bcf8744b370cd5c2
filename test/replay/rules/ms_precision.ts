import type { Rule } from "../../support/replay_rules.ts";

/** What changes with `--time-precision ms`. */
export const MS_PRECISION_RULES: readonly Rule[] = [
  {
    name: "with ms, visits exactly one gap apart are one session",
    given: ["a 12:00:00.001", "a 12:10:00.001", "watermark 13:00:00"],
    expected: ["a 12:00:00.001 12:10:00.001 at 13:00:00"],
  },
  {
    name: "with ms, visits 1 ms more than a gap apart are two sessions",
    given: ["a 12:00:00.001", "a 12:10:00.002", "watermark 13:00:00"],
    expected: ["a 12:00:00.001 at 13:00:00", "a 12:10:00.002 at 13:00:00"],
  },
  {
    name: "with ms, a window fires at its end less 1 ms",
    given: ["a 12:00:00.5", "watermark 12:10:00.498", "watermark 12:10:00.499"],
    expected: ["a 12:00:00.5 at 12:10:00.499000"],
  },
  {
    name: "with ms, a visit exactly at its lateness is late",
    given: ["watermark 12:25:00.499", "a 12:00:00.500"],
    expected: ["late a 12:00:00.500"],
  },
  {
    name: "with ms, a visit 1 ms before its lateness is born late",
    given: ["watermark 12:25:00.498", "a 12:00:00.500"],
    expected: ["a 12:00:00.500 at 12:25:00.498000"],
  },
  {
    name: "with ms, digits beyond the third do not count",
    given: ["a 12:00:00.0009999", "watermark 12:09:59.999"],
    expected: ["a 12:00:00.0009999 at 12:09:59.999000"],
  },
];
