import { inspect, isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { UsageError } from "../errors.ts";
import type { Option } from "./option.ts";

/** What a member of a configuration must be. */
export interface MemberRule {
  /** As errors say it. */
  readonly expected: string;
  readonly isRight: (value: unknown) => boolean;
  /** The flag that gives it on the command line; null: none does. */
  readonly flag: string | null;
}

/** How commands begin that are advised. */
const COMMAND = ": sessionmill ";

/** Rules by the path of the member: `window.gapMs`. */
export type MemberRules = Readonly<Record<string, MemberRule>>;

/** A member that an option gives on the command line: what is right there is right. */
export function member(
  option: Option<unknown>,
  form: "as it is" | "ms" | "bytes" | "place" | "list" = "as it is",
): MemberRule {
  const { flag, type } = option;
  return {
    expected: `${FORMS[form]} ${flag} takes: ${type.expected}`,
    isRight: (value) => isValueOf(option, value),
    flag,
  };
}

/** How the value of an option is written in a program. */
const FORMS = {
  "as it is": "what",
  ms: "the number of ms of what",
  bytes: "the number of bytes of what",
  place: "the kind, and the path or topic, of what",
  list: "a list of what",
} as const;

/** The same, or null. */
export function orNull({ expected, isRight, flag }: MemberRule): MemberRule {
  return {
    expected: `null, or ${expected}`,
    isRight: (value) => value === null || isRight(value),
    flag,
  };
}

/** A member that no option gives. */
export function ownMember(
  expected: string,
  isRight: MemberRule["isRight"],
): MemberRule {
  return { expected, isRight, flag: null };
}

/** An object, whatever is in it. */
export const SOME_OBJECT: MemberRule = ownMember(
  "an object",
  (value) => typeof value === "object" && value !== null,
);

/**
 * Throws a `UsageError` for the first member that is not what it must be; `task` is
 * what cannot be done then.
 */
export function checkMembers(
  task: string,
  config: unknown,
  rules: MemberRules,
): void {
  for (const [path, { expected, isRight }] of Object.entries(rules)) {
    const value = memberAt(config, path);
    if (isRight(value)) continue;
    const got = value === undefined ? "nothing" : inspect(value);
    throw new UsageError(
      `Cannot ${task}: ${path} must be ${expected}, got ${got}`,
    );
  }
}

/**
 * Does work whose errors name flags; of a configuration they name its members. What
 * follows a flag counts with it where it has a name of its own.
 */
export function namingMembers(
  names: ReadonlyMap<string, string>,
  work: () => void,
): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // A command that is advised is one of the command line.
    const [sentence = "", ...command] = error.message.split(COMMAND);
    const named = sentence.replace(
      /(?<=^| )(--[a-z-]+)( \w+)?/g,
      (text, flag, word = "") =>
        names.get(text) ?? `${names.get(flag) ?? flag}${word}`,
    );
    throw new UsageError([named, ...command].join(COMMAND));
  }
}

function memberAt(config: unknown, path: string): unknown {
  let value = config;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Whether it is what the option makes of the text that stands for it. */
function isValueOf({ type }: Option<unknown>, value: unknown): boolean {
  try {
    const text = z.encode(type.codec, value as never);
    return isDeepStrictEqual(z.decode(type.codec, text), value);
  } catch {
    return false;
  }
}
