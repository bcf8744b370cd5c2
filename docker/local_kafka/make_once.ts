import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";

/** The folder for what is downloaded or built once and kept between runs. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(base, "sessionmill");
}

/**
 * Makes the file or folder `target` unless it is there. `make` fills a path
 * beside it, which is renamed when complete, so that two processes that do the
 * same at once cannot break one another: the first to finish wins.
 */
export async function makeOnce(
  target: string,
  make: (unfinished: string) => Promise<void>,
): Promise<void> {
  if (existsSync(target)) return;
  const unfinished = `${target}.${randomUUID()}.unfinished`;
  await mkdir(dirname(target), { recursive: true });
  try {
    await make(unfinished);
    await rename(unfinished, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
