import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { LineSource } from "../../src/source/lines/line_source.ts";
import type { StartOffset } from "../../src/source/source.ts";
import { walkChunk } from "./built_chunk.ts";

export const MIB = 1 << 20;
/** Where the files are, until the tests end. */
export const folder = mkdtempSync(join(tmpdir(), "sessionmill-lines-"));
after(() => rmSync(folder, { recursive: true }));
let paths = 0;

/** A path where nothing is. */
export function newPath(): string {
  return join(folder, String(paths++));
}

/** A FIFO that nobody has opened. */
export function newFifo(): string {
  const path = newPath();
  execFileSync("mkfifo", [path]);
  return path;
}

/** A log that keeps its lines as `level text`. */
export function newLog() {
  const lines: string[] = [];
  const keep = (level: string) => (_: unknown, text: string) =>
    void lines.push(`${level} ${text}`);
  const levels = {
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
  };
  return { lines, ...levels };
}

/** Offset and text of each record; `isOver` when the input has ended. */
export async function read(source: LineSource, from: StartOffset = "earliest") {
  const records: [number, string][] = [];
  let isOver = false;
  for await (const event of source.events()) {
    if (event.kind === "assigned") source.begin(0, from);
    if (event.kind === "finished") isOver = true;
    if (event.kind !== "records") continue;
    for (const { offset, value } of walkChunk(event.chunk)) {
      records.push([offset, value!]);
    }
    event.chunk.release();
  }
  await source.close();
  return { records, isOver };
}

/** A source of the lines of a file, opened. */
export async function opened(
  path: string,
  log = newLog(),
): Promise<LineSource> {
  const limits = { maxRecordBytes: MIB, roundRecords: null };
  const options = { ...limits, tellsLengths: true, log };
  const source = new LineSource(path, options);
  await source.open();
  return source;
}
