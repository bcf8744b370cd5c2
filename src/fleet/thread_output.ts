import type { Readable } from "node:stream";

/** What a thread prints; Deno has no such streams. */
interface PrintingThread {
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/**
 * Has what a thread prints written to stderr, for stdout is data only. Node pipes
 * both streams of each thread to those of the process, which have listeners for
 * each then: with ten threads so many that Node takes them for a leak.
 */
export function printToStderr({ stdout, stderr }: PrintingThread): void {
  for (const stream of [stdout, stderr]) {
    stream
      ?.unpipe()
      .on("data", (bytes: Uint8Array) => process.stderr.write(bytes))
      .resume();
  }
}
