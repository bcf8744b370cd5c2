import {
  flag,
  integer,
  list,
  number,
  object,
  oneOf,
  orNull,
  query,
  type Schema,
  text,
} from "./schema.ts";

const OPEN_SESSION_MEMBERS = {
  visitId: text("in lists one of more than 1,024 bytes is cut"),
  isCut: flag("its visit_id is: nothing can be asked with it"),
  sessionId: text("partition and offset of its first visit"),
  shard: integer(),
  startMs: number("event time of its first visit"),
  start: orNull(text("the same in ISO 8601")),
  lastVisitMs: number("event time of its last visit"),
  lastVisit: orNull(text("the same in ISO 8601")),
  endMs: number("the last visit and the gap"),
  end: orNull(text("the same in ISO 8601")),
  visits: integer(),
  unfiredVisits: integer("in no firing yet: 0 when it waits for late ones"),
  bytes: integer("its pages as JSON"),
  firings: integer("times that it was put out"),
  isMixed: flag("it has visits of more than one partition"),
};

/** A list of open sessions. */
export const SESSIONS = object({
  nowMs: number("wall clock of the job when they were listed"),
  now: text("the same in ISO 8601"),
  sessions: list(object(OPEN_SESSION_MEMBERS)),
});

const OPEN_FORM_MEMBERS = {
  ...OPEN_SESSION_MEMBERS,
  json: orNull(
    text(
      "as the sink would get it now, without a generation_time; null where it is more than 1 MiB, or with those before it in the answer more than 4 MiB",
    ),
  ),
};

/** The open sessions of one visit_id. */
export const LOOK_UP = object({
  visitId: text(),
  sessions: list(object(OPEN_FORM_MEMBERS), "by start; none is no failure"),
});

/** The open sessions of several, in the order of the query. */
export const LOOK_UPS = object({ lookUps: list(LOOK_UP) });

const VISIT_ID = { ...text(), minLength: 1 };
const ANY_TEXT =
  "any text, percent-encoded: a surrogate without its partner as its three bytes, %ED%A0%80 for U+D800";

/** The visit_ids of a query that looks many up. */
export const LOOK_UPS_QUERY: Readonly<Record<string, Schema>> = {
  visit_id: {
    ...list(VISIT_ID, `said once for each; ${ANY_TEXT}`),
    ...{ minItems: 1, maxItems: 100 },
  },
};

/** Why sessions have not closed. */
export const EXPLANATION = object({
  visitId: text(),
  sentence: text("why its sessions have not closed"),
  watermarkMs: orNull(number("the merged watermark")),
  sessions: list(
    object({
      ...OPEN_FORM_MEMBERS,
      waitsFor: oneOf(["end", "lateness", "turn"]),
      untilMs: number("the watermark that it waits for"),
      missingMs: orNull(number("from the watermark to there")),
      sentence: text(),
    }),
    "by start, as they are at this moment",
  ),
});

/** Which sessions to list. */
export const LIST_QUERY: Readonly<Record<string, Schema>> = {
  order: {
    ...oneOf(["oldest", "largest", "latest"]),
    default: "oldest",
    description: "latest: whose last visit is the newest",
  },
  limit: { ...integer(), minimum: 1, maximum: 1000, default: 20 },
};

/** The visit_id in a path. */
export const VISIT_PARAMS = object({
  visit_id: {
    ...VISIT_ID,
    description:
      'clients remove "." and ".." from a path, and some proxies decode a "/": a query takes any',
  },
});

/** The same in a query. */
export const VISIT_QUERY = query(
  { visit_id: { ...VISIT_ID, description: ANY_TEXT } },
  ["visit_id"],
);
