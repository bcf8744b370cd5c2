import * as z from "zod/mini";

/** How the text of an option becomes its value, and back. */
export interface OptionType<T> {
  readonly codec: z.core.$ZodType<T, string>;
  /** What a right value is, as errors say it: `a number from 1 to 9`. */
  readonly expected: string;
  /** What is wrong with a text that was refused, where more is to be said. */
  readonly faultOf?: FaultOf | undefined;
}

type FaultOf = (text: string) => string | undefined;

/** One option: its flag, `SESSIONMILL_*` name and config key in one place. */
export interface Option<T> {
  /** The flag, with its dashes. */
  readonly flag: string;
  /** What stands for the value in the help; null for a switch. */
  readonly placeholder: string | null;
  readonly description: string;
  /** Heading in the help under which the option stands. */
  readonly group: string;
  readonly type: OptionType<unknown>;
  /** The default as a user would write it; null for none. */
  readonly defaultText: string | null;
  /** What the help says of the default instead of `defaultText`. */
  readonly defaultNote: string | null;
  /** Where it may be set: everywhere, not in a file, or by flag only. */
  readonly settableIn: "anywhere" | "flag-or-env" | "flag";
  /** Its value is never shown, neither by `--print-config` nor in an error. */
  readonly isSecret: boolean;
  /** Carries the type of the value; never set. */
  readonly valueType?: T;
}

/** Options by config key; the key also makes the `SESSIONMILL_*` name. */
export type OptionSet = Readonly<Record<string, Option<unknown>>>;

/** The values that the options of a set have. */
export type ValuesOf<S extends OptionSet> = {
  readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never;
};

/** What a definition of an option may say. */
export interface OptionDefinition {
  readonly flag: string;
  readonly placeholder?: string;
  readonly description: string;
  readonly group: string;
  readonly defaultNote?: string;
  readonly settableIn?: Option<unknown>["settableIn"];
  readonly isSecret?: true;
}

/** An option that always has a value. `defaultText` is parsed like any other. */
export function option<T>(
  type: OptionType<T>,
  definition: OptionDefinition & { readonly defaultText: string },
): Option<T> {
  return define(type, definition, definition.defaultText);
}

/** An option whose value is null unless it is set. */
export function optionalOption<T>(
  type: OptionType<T>,
  definition: OptionDefinition,
): Option<T | null> {
  return define(type, definition, null);
}

function define<T>(
  type: OptionType<unknown>,
  definition: OptionDefinition,
  defaultText: string | null,
): Option<T> {
  return {
    flag: definition.flag,
    placeholder: definition.placeholder ?? null,
    description: definition.description,
    group: definition.group,
    type,
    defaultText,
    defaultNote: definition.defaultNote ?? null,
    settableIn: definition.settableIn ?? "anywhere",
    isSecret: definition.isSecret ?? false,
  };
}

/** An option type from two functions; `parse` gives undefined for bad text. */
export function optionType<T>(
  expected: string,
  conversion: {
    parse: (text: string) => T | undefined;
    format: (value: T) => string;
    faultOf?: FaultOf;
  },
): OptionType<T> {
  const codec = z.codec(
    z.string(),
    z.custom<T>((value) => value !== undefined),
    {
      decode: (text) => conversion.parse(text) as T,
      encode: (value) => conversion.format(value as T),
    },
  );
  return { codec, expected, faultOf: conversion.faultOf };
}

/** The environment variable of a config key: `SESSIONMILL_GAP` of `gap`. */
export function environmentName(key: string): string {
  return `SESSIONMILL_${key.replaceAll("-", "_").toUpperCase()}`;
}
