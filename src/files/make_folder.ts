import { existsSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder, and those above it that are missing; one that is there stays as
 * it is. Throws what `mkdir` throws. Node's own way never ends where a folder is
 * there and says of what is to be in it that it does not exist, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (!existsSync(parent)) await makeFolder(parent);
  try {
    await mkdir(path);
  } catch (error) {
    // Another process may have been faster.
    if (isFolder(path)) return;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new Error(`no folder can be made in "${parent}"`);
    }
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
