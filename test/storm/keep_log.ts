import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes what a process has said into a file of a folder, which is made. */
export function keepLog(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}
