import { visitJson } from "./produce.ts";

const TIME = '"event_time": "2024-06-01T00:00:00Z"';
const ID = '"visit_id": "bad"';

/** Records of which none can be a visit, after the reason. */
export const BAD_RECORDS: readonly (readonly [string, string | Buffer])[] = [
  ["empty", ""],
  ["too_large", visitJson("large", { page: "p".repeat(1024) })],
  ["not_utf8", Buffer.from(`{"visit_id": "\xff", ${TIME}}`, "latin1")],
  ["not_json", "not JSON"],
  ["not_json", `{${ID}, ${TIME}`],
  ["not_json", visitJson("cut").slice(0, 40)],
  ["not_object", `[${visitJson("listed")}]`],
  ["not_object", '"text"'],
  ["visit_id_missing", `{${TIME}, "context": {"visit_id": "nested"}}`],
  ["visit_id_missing", `{"visit_id": null, ${TIME}}`],
  ["visit_id_invalid", `{"visit_id": "", ${TIME}}`],
  ["visit_id_invalid", `{"visit_id": 7, ${TIME}}`],
  ["visit_id_invalid", `{"visit_id": {"id": "a"}, ${TIME}}`],
  ["event_time_missing", `{${ID}}`],
  ["event_time_missing", `{${ID}, "event_time": null}`],
  ["event_time_invalid", `{${ID}, "event_time": 1717200000}`],
  ["event_time_invalid", `{${ID}, "event_time": "yesterday"}`],
  ["event_time_invalid", `{${ID}, "event_time": "2023-02-29T00:00:00Z"}`],
  ["event_time_no_offset", `{${ID}, "event_time": "2024-06-01T00:00:00"}`],
  [
    "event_time_out_of_range",
    `{${ID}, "event_time": "9999-12-31T23:59:59-01:00"}`,
  ],
  ["event_time_out_of_range", `{${ID}, "event_time": "0000-06-01T00:00:00Z"}`],
  ["page_invalid", `{${ID}, ${TIME}, "page": 1}`],
  ["user_id_invalid", `{${ID}, ${TIME}, "user_id": 1}`],
];

/** Odd records that are visits all the same. */
export const ODD_VISITS: readonly string[] = [
  `{${TIME}, "visit_id": "odd", "page": null, "user_id": null}`,
  `{"visit_id": "odd", ${TIME}}`,
  `{"visit_id": "other", ${TIME}, "visit_id": "odd"}`,
  `{"visit_id": "\\u006fdd", "\\u0065vent_time": "2024-06-01T00:00:00Z"}`,
  `{"visit_id": "odd", "event_time": "2024-06-01 05:30:00.25+05:30"}`,
  `{"visit_id": "odd", ${TIME}, "page": "für 😀", "more": [1, {"a": null}]}`,
  ` {"context": {"visit_id": "nested", ${TIME}}, "visit_id": "odd", ${TIME}} `,
];
