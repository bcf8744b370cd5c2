import type { Rule } from "../../support/replay_rules.ts";

/** Which visits are late, and what those do that are nearly so. */
export const LATENESS_RULES: readonly Rule[] = [
  {
    name: "a visit whose window is exactly at its lateness is late",
    given: ["watermark 12:24:59.999", "a 12:00:00"],
    expected: ["late a 12:00:00"],
  },
  {
    name: "a visit whose window is 1 ms before its lateness is born late",
    given: ["watermark 12:24:59.998", "a 12:00:00"],
    expected: ["a 12:00:00 at 12:24:59.998000"],
  },
  {
    name: "a session can be born late exactly at its end less 1 ms",
    given: ["watermark 12:09:59.999", "a 12:00:00"],
    expected: ["a 12:00:00 at 12:09:59.999000"],
  },
  {
    name: "a session opened 1 ms before that is not born late",
    given: ["watermark 12:09:59.998", "a 12:00:00", "watermark 12:10:00"],
    expected: ["a 12:00:00 at 12:10:00"],
  },
  {
    name: "a session that was born late does not fire again by itself",
    given: ["watermark 12:12:00", "a 12:00:00", "watermark 12:30:00"],
    expected: ["a 12:00:00 at 12:12:00"],
  },
  {
    name: "every visit behind the watermark fires the whole session at once",
    given: [
      "a 12:00:00/one",
      "a 12:00:30/two",
      "watermark 12:12:00",
      "a 12:00:20/three",
      "a 12:00:10/four",
    ],
    expected: [
      "a 12:00:00/one 12:00:30/two at 12:12:00",
      "a 12:00:00/one 12:00:20/three 12:00:30/two at 12:12:00",
      "a 12:00:00/one 12:00:10/four 12:00:20/three 12:00:30/two at 12:12:00",
    ],
  },
  {
    name: "a visit that moves the end to just behind the watermark fires at once",
    given: ["a 12:00:00", "watermark 12:14:59.999", "a 12:05:00"],
    expected: [
      "a 12:00:00 at 12:14:59.999000",
      "a 12:00:00 12:05:00 at 12:14:59.999000",
    ],
  },
  {
    name: "a visit that moves the end past the watermark waits for the new end",
    given: [
      "a 12:00:00",
      "watermark 12:14:59.998",
      "a 12:05:00",
      "watermark 12:14:59.999",
    ],
    expected: [
      "a 12:00:00 at 12:14:59.998000",
      "a 12:00:00 12:05:00 at 12:14:59.999000",
    ],
  },
  {
    name: "moving the end puts off the end of the lateness too",
    given: [
      "a 12:00:00",
      "watermark 12:10:00",
      "a 12:05:00",
      "watermark 12:29:59.998",
      "a 12:01:00",
    ],
    expected: [
      "a 12:00:00 at 12:10:00",
      "a 12:00:00 12:05:00 at 12:29:59.998000",
      "a 12:00:00 12:01:00 12:05:00 at 12:29:59.998000",
    ],
  },
  {
    name: "a fired session 1 ms before its lateness takes one more visit",
    given: ["a 12:00:00", "watermark 12:24:59.998", "a 12:05:00"],
    expected: [
      "a 12:00:00 at 12:24:59.998000",
      "a 12:00:00 12:05:00 at 12:24:59.998000",
    ],
  },
  {
    name: "a session exactly at its lateness is forgotten",
    given: ["a 12:00:00", "watermark 12:24:59.999", "a 12:05:00"],
    expected: [
      "a 12:00:00 at 12:24:59.999000",
      "a 12:05:00 at 12:24:59.999000",
    ],
  },
  {
    name: "a very old visit is kept when it touches a live session",
    given: [
      "a 12:00:00",
      "a 12:10:00",
      "a 12:20:00",
      "watermark 12:44:59.998",
      "a 11:50:00",
    ],
    expected: [
      "a 12:00:00 12:10:00 12:20:00 at 12:44:59.998000",
      "a 11:50:00 12:00:00 12:10:00 12:20:00 at 12:44:59.998000",
    ],
  },
  {
    name: "a very old visit one second short of a live session is late",
    given: [
      "a 12:00:00",
      "a 12:10:00",
      "a 12:20:00",
      "watermark 12:44:59.998",
      "a 11:49:59",
    ],
    expected: [
      "a 12:00:00 12:10:00 12:20:00 at 12:44:59.998000",
      "late a 11:49:59",
    ],
  },
  {
    name: "a live session of another id does not save a visit",
    given: ["a 12:20:00", "watermark 12:30:00", "b 12:00:00"],
    expected: ["a 12:20:00 at 12:30:00", "late b 12:00:00"],
  },
  {
    name: "visits are judged by the watermark before them, not the one after",
    given: [
      "a 12:00:00",
      "watermark 12:00:01",
      "a 12:05:00",
      "b 12:00:00",
    ].concat("watermark 12:59:59", "c 12:00:00"),
    expected: [
      "b 12:00:00 at 12:59:59",
      "a 12:00:00 12:05:00 at 12:59:59",
      "late c 12:00:00",
    ],
  },
];
