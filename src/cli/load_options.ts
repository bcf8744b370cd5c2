import { readConfigFile } from "../config/config_file.ts";
import { environmentName, type OptionSet } from "../config/option.ts";
import {
  type OptionPresets,
  type ResolvedOptions,
  resolveOptions,
} from "../config/resolve_options.ts";
import { earlyFailureForm } from "./failure.ts";
import type { World } from "./world.ts";

/** What decides about options beside the world. */
export interface OptionInput {
  /** Text of each flag that was given, by config key. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  /** Defaults that replace those of the options. */
  readonly presets?: OptionPresets | null;
}

/** Finds all values, reading the config file that a flag or variable names. */
export async function loadOptions<S extends OptionSet>(
  options: S,
  { flags, presets, world }: OptionInput & { readonly world: World },
): Promise<ResolvedOptions<S>> {
  const { environment, stopSignal: signal } = world;
  const path = flags.config ?? environment[environmentName("config")];
  const isGiven = path !== undefined && path !== "";
  const file = isGiven ? await readConfigFile(String(path), { signal }) : null;
  if (file !== null) {
    const form = earlyFailureForm(world.argv, environment, file.entries);
    world.onFailureForm?.(form);
  }
  return resolveOptions(options, {
    flags,
    environment,
    file,
    presets: presets ?? null,
  });
}
