import { readFileSync } from "node:fs";
import { messageOf, UsageError, unreadableReason } from "../errors.ts";
import { readYaml, type YamlText } from "./yaml_text.ts";

/** The top level of a YAML file. */
export interface ConfigFile {
  readonly path: string;
  readonly entries: Readonly<Record<string, unknown>>;
  /** Unquoted numbers, booleans and nulls as they are written, by key. */
  readonly written: Readonly<Record<string, string>>;
}

/**
 * Reads a YAML (or JSON) file whose top level is a mapping of lines such as
 * `example`. Throws a `UsageError` when there is no such file.
 */
export async function readConfigFile(
  path: string,
  example = "gap: 10m",
): Promise<ConfigFile> {
  const { writtenTexts } = await import("./written_text.ts");
  const { content, document } = await yamlOf(path);
  if (content === null) return { path, entries: {}, written: {} };
  if (typeof content !== "object" || Array.isArray(content)) {
    throw fileError(path, `it must hold lines such as "${example}"`);
  }
  const entries = content as Record<string, unknown>;
  return { path, entries, written: writtenTexts(document) };
}

async function yamlOf(path: string): Promise<YamlText> {
  const text = readText(path);
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

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw fileError(path, unreadableReason(error));
  }
}
