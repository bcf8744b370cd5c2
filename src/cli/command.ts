import type { EffectiveValues } from "../config/effective_values.ts";
import type { OptionSet, ValuesOf } from "../config/option.ts";
import type { OptionPresets } from "../config/resolve_options.ts";
import type { World } from "./world.ts";

/** A command with its options replaced by values. */
export interface CommandCall<S extends OptionSet> {
  readonly values: ValuesOf<S>;
  /** Where each value was set; `DEFAULT_ORIGIN` when nowhere. */
  readonly origins: Readonly<Record<keyof S, string>>;
  /** The argument, the first of several, "" for commands that take none. */
  readonly argument: string;
  /** All of them, for commands that take several. */
  readonly allArguments: readonly string[];
  readonly world: World;
}

/** A command of the command line. */
export interface CommandDefinition<S extends OptionSet> {
  readonly name: string;
  readonly summary: string;
  readonly argument: {
    readonly name: string;
    readonly description: string;
    /** What it is, in the sentence that it is missing. */
    readonly expected?: string;
    /** What stands for it where it is missing; else it must be there. */
    readonly defaultText?: string;
    /** There may be several. */
    readonly isVariadic?: true;
  } | null;
  readonly options: S;
  /** Shown behind the options in the help. */
  readonly footer: string;
  /** Defaults that follow from the values found without them. */
  presets?(values: ValuesOf<S>, world: World): Promise<OptionPresets | null>;
  /** What is used where the options do not say it, for `--print-config`. */
  effective?(values: ValuesOf<S>): Promise<EffectiveValues<ValuesOf<S>>>;
  /** Does the work; resolves to the exit code. */
  act(call: CommandCall<S>): Promise<number>;
}
