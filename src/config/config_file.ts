import { readFileSync } from "node:fs";
import type { Document } from "yaml";
import { UsageError, unreadableReason } from "../errors.ts";

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
  const { parseDocument } = await import("yaml");
  const { writtenTexts } = await import("./written_text.ts");
  const document = parseDocument(readText(path));
  const [error] = document.errors;
  if (error !== undefined) {
    throw fileError(path, error.message.split("\n", 1)[0]!.replace(/:$/, ""));
  }
  const content = contentOf(path, document) ?? {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw fileError(path, `it must hold lines such as "${example}"`);
  }
  const entries = content as Record<string, unknown>;
  return { path, entries, written: writtenTexts(document) };
}

/** Aliases (`*name`) may hold more than there is memory for, or themselves. */
function contentOf(path: string, document: Document): unknown {
  try {
    const content: unknown = document.toJS();
    JSON.stringify(content);
    return content;
  } catch {
    throw fileError(path, "its aliases hold too much, or themselves");
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
