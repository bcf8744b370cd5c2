import * as z from "zod/mini";
import type { Option, OptionSet } from "./option.ts";
import type { ResolvedOptions } from "./resolve_options.ts";

const PLAIN_TEXT = /^[A-Za-z/][\w./:+-]*$(?<!:)/;
const RESERVED_WORD = /^(?:null|true|false)$/i;

/**
 * The effective options as a config file, with a comment on each line that
 * says where the value was set.
 */
export function printConfig<S extends OptionSet>(
  options: S,
  resolved: ResolvedOptions<S>,
): string {
  const lines: string[] = [];
  for (const [key, option] of Object.entries(options)) {
    if (option.settableIn !== "anywhere") continue;
    const value = resolved.values[key];
    const entry =
      value === null
        ? `# ${key}:`
        : option.isSecret
          ? `# ${key}: (not shown)`
          : `${key}: ${yamlScalar(option, value)}`;
    lines.push(`${entry.padEnd(44)} # ${resolved.origins[key]}`);
  }
  return `${lines.join("\n")}\n`;
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
