import { messageOf, UsageError, WorldError } from "../errors.ts";
import { unreadableReason } from "../files/file_reasons.ts";
import { readInput } from "../files/open_input.ts";
import { readYaml, type YamlText } from "./yaml_text.ts";

/** The top level of a YAML file. */
export interface ConfigFile {
  readonly path: string;
  readonly entries: Readonly<Record<string, unknown>>;
  /** Unquoted numbers, booleans and nulls as they are written, by key. */
  readonly written: Readonly<Record<string, string>>;
}

/** How a config file is read. */
export interface ConfigReading {
  /** A line that it may have. */
  readonly example?: string;
  /** Ends the wait for whoever writes it, where it is a pipe. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a YAML (or JSON) file whose top level is a mapping of lines such as
 * `example`. Throws a `UsageError` when there is no such file, a `WorldError` when the
 * signal ends the wait for it.
 */
export async function readConfigFile(
  path: string,
  { signal, example = "gap: 10m" }: ConfigReading = {},
): Promise<ConfigFile> {
  const { writtenTexts } = await import("./written_text.ts");
  const { content, document } = await yamlOf(path, signal);
  if (content === null) return { path, entries: {}, written: {} };
  if (typeof content !== "object" || Array.isArray(content)) {
    throw fileError(path, `it must hold lines such as "${example}"`);
  }
  const entries = content as Record<string, unknown>;
  return { path, entries, written: writtenTexts(document) };
}

async function yamlOf(path: string, signal?: AbortSignal): Promise<YamlText> {
  const text = await readText(path, signal);
  try {
    return await readYaml(text);
  } catch (error) {
    throw fileError(path, messageOf(error));
  }
}

/** The error that a config file deserves; `what` says what is wrong in it. */
export function fileError(path: string, what: string): UsageError {
  return new UsageError(`Cannot read config "${path}": ${what}`);
}

async function readText(path: string, signal?: AbortSignal): Promise<string> {
  try {
    return await readInput(path, signal);
  } catch (error) {
    if (error instanceof WorldError) throw error;
    throw fileError(path, unreadableReason(error));
  }
}
