import { readFileSync, statSync } from "node:fs";
import type { Environment } from "../config/resolve_options.ts";
import { earlySetting } from "./failure.ts";

const LINE = /^\s*\{?\s*["']?(log-format|log-level)["']?\s*:\s*["']?(\w+)/gm;

/**
 * Lines of the log in the config file that the command line names, for failures
 * that come before it is read, or because it cannot be: it need not be right.
 * Nothing of a file that is none, or of a pipe, which can be read but once.
 */
export function logLinesOfConfig(
  argv: readonly string[],
  environment: Environment,
): Readonly<Record<string, string>> {
  const names = { flag: "--config", variable: "SESSIONMILL_CONFIG" };
  const path = earlySetting(argv, environment, names);
  if (path === undefined) return {};
  try {
    if (!statSync(path).isFile()) return {};
    const found = readFileSync(path, "utf8").matchAll(LINE);
    return Object.fromEntries([...found].map(([, key, text]) => [key, text]));
  } catch {
    return {};
  }
}
