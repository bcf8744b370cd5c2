import type { Random } from "./random.ts";

const STRING = '"[^"]*"';

// The values of a generated visit need no more than these to be found.
const MEMBER_VALUES = {
  visit_id: STRING,
  event_time: STRING,
  user_id: STRING,
  keep_private: "true|false",
  page: STRING,
  context: "{.*}",
};
const MEMBERS = Object.entries(MEMBER_VALUES).map(([name, value]) => ({
  name,
  toNull: new RegExp(`"${name}": (?:${value})(?=[,}])`),
  // With the comma behind it, or before it when it is the last member.
  toNothing: new RegExp(
    `"${name}": (?:${value}), |, "${name}": (?:${value})(?=}$)`,
  ),
}));

/** A visit's JSON with one of its members gone, or null. */
export interface MissingMember {
  readonly json: string;
  readonly isVisitIdMissing: boolean;
}

/** Takes a member out of a visit's JSON, or sets it to null. */
export function loseMember(random: Random, json: string): MissingMember {
  const { name, toNull, toNothing } = random.pick(MEMBERS);
  const flawed =
    random.below(2) === 0
      ? json.replace(toNull, `"${name}": null`)
      : json.replace(toNothing, "");
  return { json: flawed, isVisitIdMissing: name === "visit_id" };
}

/** Turns a visit's JSON into bytes that no visit can be read from. */
export function spoil(random: Random, json: string): string {
  switch (random.below(6)) {
    case 0: // Truncated.
      return json.slice(0, random.between(1, json.length - 1));
    case 1: // What the Python generator writes for these.
      return "{........";
    case 2: // Not JSON.
      return json.replaceAll('"', "'");
    case 3: // Not an object.
      return `[${json}]`;
    case 4: // A wrong type.
      return json.replace(/("visit_id": )"[^"]*"/, "$1140083900046208");
    default: // A time that is none.
      return json.replace(/("event_time": )"[^"]*"/, '$1"yesterday"');
  }
}

/** A random UUID, the key of a record that has no `visit_id`. */
export function randomUuid(random: Random): string {
  const hex = Array.from({ length: 4 }, () =>
    random.next().toString(16).padStart(8, "0"),
  ).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}
