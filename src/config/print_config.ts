import * as z from "zod/mini";
import type { EffectiveValues } from "./effective_values.ts";
import type { Option, OptionSet, ValuesOf } from "./option.ts";
import type { ResolvedOptions } from "./resolve_options.ts";

const PLAIN_TEXT = /^[A-Za-z/][\w./:+-]*$(?<!:)/;
const RESERVED_WORD = /^(?:null|true|false)$/i;

/**
 * The effective options as a config file, with a comment on each line that
 * says where the value was set. What follows from the other options (`effective`)
 * is a comment, so that the file means the same beside other options too.
 */
export function printConfig<S extends OptionSet>(
  options: S,
  resolved: ResolvedOptions<S>,
  effective: EffectiveValues<ValuesOf<S>> = {},
): string {
  const lines: string[] = [];
  for (const [key, option] of Object.entries(options)) {
    if (option.settableIn !== "anywhere") continue;
    const value = resolved.values[key];
    const origin = resolved.origins[key]!;
    const used = effective[key as keyof S] ?? value;
    const line = isSame(option, used, value)
      ? { entry: entryOf(key, { option, value }), note: origin }
      : {
          entry: `# ${key}: ${yamlScalar(option, used)}`,
          note: followed(option, { value, origin }),
        };
    lines.push(`${line.entry.padEnd(44)} # ${line.note}`);
  }
  return `${lines.join("\n")}\n`;
}

function isSame(option: Option<unknown>, a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b;
  return yamlScalar(option, a) === yamlScalar(option, b);
}

function entryOf(
  key: string,
  { option, value }: { option: Option<unknown>; value: unknown },
): string {
  if (value === null) return `# ${key}:`;
  if (option.isSecret) return `# ${key}: (not shown)`;
  return `${key}: ${yamlScalar(option, value)}`;
}

/** Why another value than the one that is set is in effect. */
function followed(
  option: Option<unknown>,
  { value, origin }: { value: unknown; origin: string },
): string {
  if (value !== null) {
    return `by the other options (${origin}: ${yamlScalar(option, value)})`;
  }
  const { defaultNote } = option;
  return defaultNote === null ? origin : `${origin}: ${defaultNote}`;
}

/** The text of a value, quoted where YAML would read something else in it. */
function yamlScalar(option: Option<unknown>, value: unknown): string {
  const text = String(z.encode(option.type.codec, value as never));
  const isPlain =
    typeof value === "number" || typeof value === "boolean"
      ? true
      : PLAIN_TEXT.test(text) && !RESERVED_WORD.test(text);
  return isPlain ? text : JSON.stringify(text);
}
