import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { WorldError } from "../errors.ts";

/** The version of sessionmill. Throws a `WorldError` when its package.json is gone. */
export function packageVersion(): string {
  const path = findPackageJSON("..", import.meta.filename);
  if (path === undefined) throw new WorldError("Cannot find package.json");
  const { version } = JSON.parse(readFileSync(path, "utf8"));
  return String(version);
}
