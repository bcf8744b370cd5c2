import type { Rule } from "../../support/replay_rules.ts";

const RULES: readonly Rule[] = [
  {
    name: "without lateness, every firing is final",
    given: ["a 12:00:00", "watermark 12:09:59.999"],
    expected: ["a 12:00:00 at 12:09:59.999000 | #0 revision 0 gap final"],
  },
  {
    name: "without lateness, a visit is late when its window would fire",
    given: ["watermark 12:09:59.999", "a 12:00:00", "a 12:00:01"],
    expected: ["late a 12:00:00"],
  },
  {
    name: "without lateness, a fired session takes no more visits",
    given: [
      "a 12:00:00",
      "watermark 12:09:59.999",
      "a 12:10:00",
      "watermark 12:20:00",
    ],
    expected: [
      "a 12:00:00 at 12:09:59.999000 | #0 revision 0 gap final",
      "a 12:10:00 at 12:20:00 | #2 revision 0 gap final",
    ],
  },
];

/** What changes with `--allowed-lateness 0s`. */
export const NO_LATENESS_RULES: readonly Rule[] = RULES.map((rule) => ({
  ...rule,
  withMetadata: true,
}));
