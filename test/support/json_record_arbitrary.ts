import fc from "fast-check";

const STRING = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("", "visit_id", '"visit_id"', "\\", "a/b", "\ud800"),
);
const EVENT_TIME = fc.oneof(
  { weight: 4, arbitrary: fc.date({ noInvalidDate: true }).map(isoTime) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "2024-06-01T01:12",
      "2024-02-30T01:12Z",
      "",
      "x",
    ),
  },
);
const KEY = fc.oneof(
  fc.constantFrom("visit_id", "event_time", "page", "user_id", "context"),
  STRING,
);
const SPACE = fc.oneof(
  { weight: 6, arbitrary: fc.constant("") },
  fc.constantFrom(" ", "\n", "\t\r ", "    "),
);
const NUMBER = fc.oneof(
  fc.constantFrom("0", "-0", "1e5", "1.50", "-12.5E-3", "9007199254740993"),
  fc.integer().map(String),
);

const { value: VALUE } = fc.letrec<{ value: string; nested: string }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      STRING.chain(jsonString),
      NUMBER,
      fc.constantFrom("null", "true", "false"),
      tie("nested"),
    ),
    nested: fc.oneof(
      fc
        .array(tie("value"), { maxLength: 4 })
        .chain((items) => joined("[", items, "]")),
      fc
        .array(member(KEY, tie("value")), { maxLength: 4 })
        .chain((members) => joined("{", members, "}")),
    ),
  }),
);

const MEMBER = fc.oneof(
  member(fc.constant("visit_id"), STRING.chain(jsonString)),
  member(fc.constant("event_time"), EVENT_TIME.chain(jsonString)),
  member(fc.constantFrom("page", "user_id"), STRING.chain(jsonString)),
  member(KEY, VALUE),
);

/**
 * Records that are valid JSON objects, mostly with the fields of a visit, in
 * any order, with any white space, escapes, nesting and duplicate keys.
 */
export const JSON_RECORD: fc.Arbitrary<string> = fc
  .array(MEMBER, { maxLength: 12, size: "max" })
  .chain((members) => joined("{", members, "}"))
  .chain(spaced);

function isoTime(date: Date): string {
  return date.toISOString().slice(-24);
}

function member(
  key: fc.Arbitrary<string>,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  return fc
    .tuple(key.chain(jsonString).chain(spaced), value.chain(spaced))
    .map(([name, text]) => `${name}:${text}`);
}

function joined(
  open: string,
  parts: readonly string[],
  close: string,
): fc.Arbitrary<string> {
  return SPACE.map((space) => open + (parts.join(",") || space) + close);
}

function spaced(text: string): fc.Arbitrary<string> {
  return fc.tuple(SPACE, SPACE).map(([before, after]) => before + text + after);
}

/** A string as JSON, each unit escaped or not where there is a choice. */
function jsonString(text: string): fc.Arbitrary<string> {
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.constant(-1) },
      fc.nat({ max: Math.max(0, text.length - 1) }),
    )
    .map((escaped) => jsonWithEscape(text, escaped));
}

function jsonWithEscape(text: string, escaped: number): string {
  if (escaped < 0 || escaped >= text.length) return JSON.stringify(text);
  const unit = text.charCodeAt(escaped).toString(16).padStart(4, "0");
  const head = JSON.stringify(text.slice(0, escaped)).slice(0, -1);
  const tail = JSON.stringify(text.slice(escaped + 1)).slice(1);
  return `${head}\\u${unit}${tail}`;
}
