import type { Rule } from "../../support/replay_rules.ts";

const RULES: readonly Rule[] = [
  {
    name: "the id stays and the revision counts up over re-fires",
    given: [
      "a 12:00:00",
      "watermark 12:10:00",
      "a 11:59:00",
      "a 12:05:00",
      "watermark 12:20:00",
    ],
    expected: [
      "a 12:00:00 at 12:10:00 | #0 revision 0 gap",
      "a 11:59:00 12:00:00 at 12:10:00 | #0 revision 1 late-update",
      "a 11:59:00 12:00:00 12:05:00 at 12:20:00 | #0 revision 2 gap",
    ],
  },
  {
    name: "a firing 1 ms before the lateness is not final",
    given: ["a 12:00:00", "watermark 12:24:59.998"],
    expected: ["a 12:00:00 at 12:24:59.998000 | #0 revision 0 gap"],
  },
  {
    name: "a firing exactly at the lateness is final",
    given: ["a 12:00:00", "watermark 12:24:59.999"],
    expected: ["a 12:00:00 at 12:24:59.999000 | #0 revision 0 gap final"],
  },
  {
    name: "a merge keeps the id of the earlier start and names the fired other",
    given: ["a 12:12:00", "a 12:00:00", "watermark 12:22:00", "a 12:06:00"],
    expected: [
      "a 12:00:00 at 12:22:00 | #1 revision 0 gap",
      "a 12:12:00 at 12:22:00 | #0 revision 0 gap",
      "a 12:00:00 12:06:00 12:12:00 at 12:22:00 | #1 revision 1 late-update supersedes #0",
    ],
  },
  {
    name: "a merge of unfired sessions names none and begins at revision 0",
    given: ["a 12:12:00", "a 12:00:00", "a 12:06:00", "watermark 12:22:00"],
    expected: ["a 12:00:00 12:06:00 12:12:00 at 12:22:00 | #1 revision 0 gap"],
  },
  {
    name: "a merge of a fired with a later unfired session names none",
    given: [
      "a 12:00:00",
      "a 12:12:00",
      "watermark 12:10:00",
      "a 12:06:00",
      "watermark 12:22:00",
    ],
    expected: [
      "a 12:00:00 at 12:10:00 | #0 revision 0 gap",
      "a 12:00:00 12:06:00 12:12:00 at 12:22:00 | #0 revision 1 gap",
    ],
  },
  {
    name: "the revision of a merge is one more than the highest of its parts",
    given: [
      "a 12:12:00",
      "watermark 12:22:00",
      "a 12:11:00",
      "a 12:00:30",
      "a 12:06:00",
    ],
    expected: [
      "a 12:12:00 at 12:22:00 | #0 revision 0 gap",
      "a 12:11:00 12:12:00 at 12:22:00 | #0 revision 1 late-update",
      "a 12:00:30 at 12:22:00 | #3 revision 0 late-update",
      "a 12:00:30 12:06:00 12:11:00 12:12:00 at 12:22:00 | #3 revision 2 late-update supersedes #0",
    ],
  },
  {
    name: "every later firing names all that was swallowed, by start",
    given: [
      "a 12:24:00",
      "a 12:00:00",
      "a 12:12:00",
      "watermark 12:34:00",
      "a 12:18:00",
      "a 12:23:00",
    ],
    expected: [
      "a 12:00:00 at 12:34:00 | #1 revision 0 gap final",
      "a 12:12:00 at 12:34:00 | #2 revision 0 gap",
      "a 12:24:00 at 12:34:00 | #0 revision 0 gap",
      "a 12:12:00 12:18:00 12:24:00 at 12:34:00 | #2 revision 1 late-update supersedes #0",
      "a 12:12:00 12:18:00 12:23:00 12:24:00 at 12:34:00 | #2 revision 2 late-update supersedes #0",
    ],
  },
  {
    name: "two merges name both swallowed ids in the order of their starts",
    given: [
      "a 12:11:00",
      "a 12:00:00",
      "a 12:21:30",
      "watermark 12:21:00",
      "a 12:05:30",
      "watermark 12:31:30",
      "a 12:16:00",
    ],
    expected: [
      "a 12:00:00 at 12:21:00 | #1 revision 0 gap",
      "a 12:11:00 at 12:21:00 | #0 revision 0 gap",
      "a 12:00:00 12:05:30 12:11:00 at 12:21:00 | #1 revision 1 late-update supersedes #0",
      "a 12:21:30 at 12:31:30 | #2 revision 0 gap",
      "a 12:00:00 12:05:30 12:11:00 12:16:00 12:21:30 at 12:31:30 | #1 revision 2 late-update supersedes #0 #2",
    ],
  },
  {
    name: "an unfired session in between is not named",
    given: [
      "a 12:21:00",
      "a 12:00:00",
      "a 12:10:30",
      "watermark 12:24:00",
      "a 12:15:00",
      "a 12:05:00",
      "watermark 12:31:00",
    ],
    expected: [
      "a 12:00:00 at 12:24:00 | #1 revision 0 gap",
      "a 12:10:30 at 12:24:00 | #2 revision 0 gap",
      "a 12:00:00 12:05:00 12:10:30 12:15:00 12:21:00 at 12:31:00 | #1 revision 1 gap supersedes #2",
    ],
  },
  {
    name: "a visit that opens a session anew gives it a new id",
    given: ["a 12:00:00", "watermark 12:24:59.999", "a 12:05:00"],
    expected: [
      "a 12:00:00 at 12:24:59.999000 | #0 revision 0 gap final",
      "a 12:05:00 at 12:24:59.999000 | #2 revision 0 late-update",
    ],
  },
];

/** Ids, revisions and what else travels beside the value. */
export const METADATA_RULES: readonly Rule[] = RULES.map((rule) => ({
  ...rule,
  withMetadata: true,
}));
