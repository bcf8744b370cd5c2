import * as z from "zod/mini";
import { UsageError } from "../errors.ts";
import { ALL_OPTIONS } from "./all_options.ts";
import { type ConfigFile, fileError } from "./config_file.ts";
import {
  environmentName,
  type Option,
  type OptionSet,
  type ValuesOf,
} from "./option.ts";
import { suggestionFor, withSuggestion } from "./suggestion.ts";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Defaults that a demo or a file brings with it. */
export interface OptionPresets {
  /** What brought them, as errors and `--print-config` name it. */
  readonly origin: string;
  /** Text by config key. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Where values may come from, the strongest first. */
export interface OptionSources {
  /** Text of each flag that was given, by config key. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  readonly environment: Environment;
  readonly file: ConfigFile | null;
  /** Defaults that replace those of the options. */
  readonly presets: OptionPresets | null;
}

/** What was set, and where: `--gap`, `SESSIONMILL_GAP`, a path, `default`. */
export interface ResolvedOptions<S extends OptionSet> {
  readonly values: ValuesOf<S>;
  readonly origins: Readonly<Record<keyof S, string>>;
}

const PREFIX = environmentName("");

/** The origin of a value that nobody set. */
export const DEFAULT_ORIGIN = "default";

/**
 * Finds the value of every option: flags win over the environment, that over
 * the file, that over the defaults. Throws a `UsageError` naming the first
 * thing that is wrong.
 */
export function resolveOptions<S extends OptionSet>(
  options: S,
  sources: OptionSources,
): ResolvedOptions<S> {
  checkFile(options, sources.file);
  checkEnvironment(sources.environment);
  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const [key, option] of Object.entries(options)) {
    const found = findRaw(key, option, sources);
    origins[key] = found.origin;
    values[key] = found.raw === null ? null : parseRaw(option, found);
  }
  return {
    values: Object.freeze(values) as ValuesOf<S>,
    origins: origins as Record<keyof S, string>,
  };
}

interface RawValue {
  readonly raw: unknown;
  readonly origin: string;
  /** How it is written, where YAML reads something else than text in it. */
  readonly written?: string | undefined;
  /** What was found, as an error says it. */
  readonly got: string;
  /** The error that says what the value must be. */
  readonly fail: (what: string) => UsageError;
}

function findRaw(
  key: string,
  option: Option<unknown>,
  sources: OptionSources,
): RawValue {
  const flag = sources.flags[key];
  if (flag !== undefined) {
    return rawValue(flag, option.flag, "the command line");
  }
  const variable = environmentName(key);
  const text = sources.environment[variable];
  // Compose files hand unset variables on as empty ones.
  if (option.settableIn !== "flag" && text !== undefined && text !== "") {
    return rawValue(text, variable, "the environment");
  }
  if (sources.file !== null && Object.hasOwn(sources.file.entries, key)) {
    return fileValue(key, sources.file);
  }
  const preset = sources.presets?.texts[key];
  if (preset !== undefined) {
    const { origin } = sources.presets!;
    return { ...rawValue(preset, key, origin), origin };
  }
  const raw = option.defaultText;
  return {
    ...rawValue(raw, option.flag, "the defaults"),
    origin: DEFAULT_ORIGIN,
  };
}

function fileValue(key: string, file: ConfigFile): RawValue {
  const { path, entries } = file;
  const written = file.written[key];
  const isList = Array.isArray(entries[key]) && written !== undefined;
  const text = isList ? `[${written}]` : written;
  const got = (text ?? shown(entries[key])) || "nothing";
  return {
    // `to: null` in YAML is the null sink, not the absence of a value.
    raw: entries[key] ?? "null",
    origin: path,
    written,
    got,
    fail: (what) => fileError(path, `${key} must be ${what}`),
  };
}

function rawValue(raw: unknown, name: string, place: string): RawValue {
  const fail = (what: string) =>
    new UsageError(`Cannot read ${place}: ${name} must be ${what}`);
  return { raw, origin: name, got: shown(raw), fail };
}

function parseRaw(option: Option<unknown>, found: RawValue): unknown {
  const text = textOf(found.raw);
  const result =
    text === undefined ? undefined : z.safeParse(option.type.codec, text);
  const got = option.isSecret ? "one that is not shown" : found.got;
  const what = `${option.type.expected}, got ${got}`;
  if (!result?.success) {
    const fault = option.type.faultOf?.(text ?? "");
    throw found.fail(fault === undefined ? what : `${what}: ${fault}`);
  }
  if (isMisread(found.written, { text, value: result.data })) {
    // What it says would show a secret.
    if (option.isSecret) throw found.fail(`${what}: put it in quotes`);
    const { message } = found.fail(what);
    const why = `which YAML reads as ${text}: put it in quotes`;
    throw new UsageError(`${message}, ${why}`);
  }
  return result.data;
}

/** Whether YAML made another text of what is written than a user would. */
function isMisread(
  written: string | undefined,
  { text, value }: { text: string | undefined; value: unknown },
): boolean {
  const isText = typeof value !== "number" && typeof value !== "boolean";
  if (written === undefined || !isText) return false;
  // A null stands for the null sink, and for no name or path.
  return written !== text || (text === "null" && typeof value === "string");
}

/** The text of a scalar, or of a list of them; undefined for the rest. */
function textOf(raw: unknown): string | undefined {
  if (Array.isArray(raw)) return raw.map(String).join(",");
  if (typeof raw === "object" || raw === undefined) return undefined;
  return String(raw).trim();
}

function shown(raw: unknown): string {
  return typeof raw === "boolean" ? String(raw) : JSON.stringify(raw);
}

/** Refuses what no command takes, and values that the one it is for would refuse. */
function checkFile(options: OptionSet, file: ConfigFile | null): void {
  if (file === null) return;
  for (const key of Object.keys(file.entries)) {
    const option = options[key] ?? ALL_OPTIONS[key];
    if (option?.settableIn !== "anywhere") throw foreignKey(key, file);
    parseRaw(option, fileValue(key, file));
  }
}

function foreignKey(key: string, { path }: ConfigFile): UsageError {
  const message = `"${key}" is no option of a config file`;
  const flag = flagOf(key);
  if (flag !== undefined) {
    return fileError(path, `${message}: ${flag} belongs on the command line`);
  }
  const candidates = namesIn("file");
  return fileError(path, withSuggestion(message, { word: key, candidates }));
}

/** The flag of an option by its key, or by the name of the flag. */
function flagOf(name: string): string | undefined {
  const flag = ALL_OPTIONS[name]?.flag ?? `--${name}`;
  return Object.values(ALL_OPTIONS).find((each) => each.flag === flag)?.flag;
}

/** Keys of what may be set in such a place. */
function namesIn(place: "file" | "environment"): string[] {
  const all = Object.entries(ALL_OPTIONS);
  const isOf = ({ settableIn }: Option<unknown>) =>
    settableIn === "anywhere" ||
    (place === "environment" && settableIn === "flag-or-env");
  return all.filter(([, option]) => isOf(option)).map(([key]) => key);
}

/**
 * Refuses variables of what only a flag can say, and near misses of ours. Others
 * are left alone: Kubernetes, for one, sets `SESSIONMILL_SERVICE_HOST` beside a
 * service.
 */
function checkEnvironment(environment: Environment): void {
  const known = namesIn("environment").map(environmentName);
  const endings = known.map((name) => name.slice(PREFIX.length));
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || known.includes(name)) continue;
    const fail = (why: string) =>
      new UsageError(`Cannot read the environment: ${name} is no option${why}`);
    const key = Object.keys(ALL_OPTIONS).find(
      (each) => environmentName(each) === name,
    );
    // Compose files hand unset variables on as empty ones.
    if (key !== undefined && text !== "") {
      const { flag } = ALL_OPTIONS[key]!;
      throw fail(` there: ${flag} belongs on the command line`);
    }
    const ending = suggestionFor(name.slice(PREFIX.length), endings);
    if (key !== undefined || ending === undefined) continue;
    throw fail(`, did you mean "${PREFIX}${ending}"`);
  }
}
