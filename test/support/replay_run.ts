import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type { WindowConfig } from "../../src/config/config.ts";
import { runReplay } from "../../src/replay/replay.ts";

/** The defaults of the command line. */
export const REPLAY_WINDOW: WindowConfig = {
  gapMs: 10 * 60_000,
  outOfOrdernessMs: 20 * 60_000,
  allowedLatenessMs: 15 * 60_000,
  timePrecision: "s",
  pageOrder: "text",
  maxSkewMs: null,
};

/** The `generation_time` of every session that `replay` gives. */
export const GENERATION_TIME = "2024-08-14T03:03:41.035179";

/** The numbers of workers that every rule is tried with. */
export const WORKER_COUNTS = [1, 2, 5] as const;

/** What may differ from the defaults. */
export interface ReplayRunOptions {
  readonly workers?: number;
  readonly withMetadata?: boolean;
  readonly window?: Partial<WindowConfig>;
}

// Workers read this as they start: it spares half the time, most of which goes
// into stripping types.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "sessionmill-compile-cache");

/** Replays `input` through real shards; gives the lines put out. */
export async function replay(
  input: string | Buffer,
  options: ReplayRunOptions = {},
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-replay-"));
  const path = join(folder, "input.jsonl");
  const output = new PassThrough();
  const written = text(output);
  try {
    await writeFile(path, input);
    await runReplay({
      input: path,
      workers: options.workers ?? 1,
      window: { ...REPLAY_WINDOW, ...options.window },
      maxRecordBytes: 1024 * 1024,
      withMetadata: options.withMetadata ?? false,
      generationTime: GENERATION_TIME,
      output,
    });
  } finally {
    output.end();
    await rm(folder, { recursive: true });
  }
  const lines = await written;
  return lines === "" ? [] : lines.trimEnd().split("\n");
}

/** The lines put out, which must be the same for every number of workers. */
export async function replayOnAllWorkerCounts(
  input: string | Buffer,
  options: Omit<ReplayRunOptions, "workers"> = {},
): Promise<string[]> {
  const outputs = await Promise.all(
    WORKER_COUNTS.map((workers) => replay(input, { ...options, workers })),
  );
  for (const output of outputs) assert.deepEqual(output, outputs[0]);
  return outputs[0]!;
}
