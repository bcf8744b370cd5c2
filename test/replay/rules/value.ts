import type { Rule } from "../../support/replay_rules.ts";

/** What a session says. */
export const VALUE_RULES: readonly Rule[] = [
  {
    name: "pages come in the order of the event time strings, not of time",
    given: [
      '{"visit_id": "a", "event_time": "DAYT14:00:00+02:00", "page": "first"}',
      '{"visit_id": "a", "event_time": "DAYT12:05:00+00:00", "page": "second"}',
      "watermark 13:00:00",
    ],
    expected: ["a 12:05:00/second 14:00:00+02:00/first at 13:00:00"],
  },
  {
    name: "equal event time strings stay in arrival order",
    given: [
      "a 12:00:00/z",
      "a 12:00:01/b",
      "a 12:00:00/a",
      "a 12:00:00/m",
      "watermark 13:00:00",
    ],
    expected: ["a 12:00:00/z 12:00:00/a 12:00:00/m 12:00:01/b at 13:00:00"],
  },
  {
    name: "the user is that of the visit that arrived last",
    given: [
      "a 12:00:05 by ann",
      "a 12:00:09 by bob",
      "a 12:00:01 by eve",
      "watermark 13:00:00",
    ],
    expected: ["a 12:00:01 12:00:05 12:00:09 by eve at 13:00:00"],
  },
  {
    name: "the user is null when the visit that arrived last has none",
    given: ["a 12:00:00 by ann", "a 12:00:01", "watermark 13:00:00"],
    expected: ["a 12:00:00 12:00:01 at 13:00:00"],
  },
  {
    name: "a merged session has the user of the joining visit",
    given: [
      "a 12:20:00 by ann",
      "a 12:00:00 by bob",
      "a 12:10:00 by eve",
      "watermark 13:00:00",
    ],
    expected: ["a 12:00:00 12:10:00 12:20:00 by eve at 13:00:00"],
  },
  {
    name: "a late visit changes no user",
    given: [
      "a 12:30:00 by ann",
      "watermark 12:39:00",
      "a 12:00:00 by bob",
      "watermark 12:40:00",
    ],
    expected: ["late a 12:00:00", "a 12:30:00 by ann at 12:40:00"],
  },
  {
    name: "output is in the order of its causes",
    given: [
      "watermark 12:15:00",
      "e 12:00:00",
      '{"rejected": "DAY"}',
      "d 11:00:00",
      "c 12:00:01",
      '{"visit_id": "", "day": "DAY"}',
      "b 11:00:00",
      "a 12:00:02",
    ],
    expected: [
      "e 12:00:00 at 12:15:00",
      "rejected visit_id_missing",
      "late d 11:00:00",
      "c 12:00:01 at 12:15:00",
      "rejected visit_id_invalid",
      "late b 11:00:00",
      "a 12:00:02 at 12:15:00",
    ],
  },
];
