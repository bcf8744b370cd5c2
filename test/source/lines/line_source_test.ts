import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { newCursor } from "../../../src/record/record_batch.ts";
import { LineSource } from "../../../src/source/lines/line_source.ts";
import type { StartOffset } from "../../../src/source/source.ts";

const MIB = 1 << 20;
const folder = mkdtempSync(join(tmpdir(), "sessionmill-lines-"));
after(() => rmSync(folder, { recursive: true }));
let paths = 0;

function newPath(): string {
  return join(folder, String(paths++));
}

function newFifo(): string {
  const path = newPath();
  execFileSync("mkfifo", [path]);
  return path;
}

/** A log that keeps its lines as `level text`. */
function newLog() {
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
async function read(source: LineSource, from: StartOffset = "earliest") {
  const records: [number, string][] = [];
  let isOver = false;
  const cursor = newCursor();
  for await (const event of source.events()) {
    if (event.kind === "assigned") source.begin(0, from);
    if (event.kind === "finished") isOver = true;
    if (event.kind !== "records") continue;
    while (event.batch.next(cursor)) {
      const { bytes, offset, valueStart, valueLength } = cursor;
      const end = valueStart + valueLength;
      records.push([offset, bytes.toString("utf8", valueStart, end)]);
    }
  }
  await source.close();
  return { records, isOver };
}

async function opened(path: string, log = newLog()): Promise<LineSource> {
  const source = new LineSource(path, { maxRecordBytes: MIB, log });
  await source.open();
  return source;
}

test("LineSource reads a file, from its start to its end", async () => {
  const path = newPath();
  writeFileSync(path, "a\nb\n\nc");
  assert.deepEqual(await read(await opened(path)), {
    records: [
      [0, "a"],
      [1, "b"],
      [3, "c"],
    ],
    isOver: true,
  });
});

test("LineSource begins at the line it is told, and says how far it is", async () => {
  const path = newPath();
  writeFileSync(path, "a\nb\n\nc\nd");
  const source = await opened(path);
  assert.equal(source.partitions()[0]!.position, null);
  const { records } = await read(source, 1);
  assert.deepEqual(records, [
    [1, "b"],
    [3, "c"],
    [4, "d"],
  ]);
  assert.equal(source.partitions()[0]!.position, 5);
});

test("LineSource.events() throws when it was not told where to begin", async () => {
  const path = newPath();
  writeFileSync(path, "a\n");
  const source = await opened(path);
  await assert.rejects(async () => {
    for await (const _ of source.events());
  }, /begin was not called/);
  await source.close();
});

test("LineSource leaves out a byte order mark at the start, and only there", async () => {
  const path = newPath();
  const log = newLog();
  writeFileSync(path, "\ufeffa\n\ufeffb\n");
  const { records } = await read(await opened(path, log));
  assert.deepEqual(records, [
    [0, "a"],
    [1, "\ufeffb"],
  ]);
  const said = "debug left out the byte order mark at the start";
  assert.deepEqual(log.lines, [said]);
});

test("LineSource reads a file of a byte order mark alone as an empty one", async () => {
  const path = newPath();
  writeFileSync(path, "\ufeff");
  assert.deepEqual((await read(await opened(path))).records, []);
});

test("LineSource gives the start of a line that is too large, as one record", async () => {
  const path = newPath();
  const log = newLog();
  writeFileSync(path, `a\n${" ".repeat(3 * MIB)}x\nb\n`);
  const { records } = await read(await opened(path, log));
  assert.deepEqual(
    records.map(([offset, text]) => [offset, text.length]),
    [
      [0, 1],
      [1, 2 * MIB],
      [2, 1],
    ],
  );
  const length = 3 * MIB + 2;
  const said = `warn a line of ${length} bytes is too large, its start is kept`;
  assert.deepEqual(log.lines, [said]);
});

test("LineSource reads files of /proc and devices", async () => {
  const status = await read(await opened("/proc/self/status"));
  assert.match(status.records[0]![1], /^Name:/);
  assert.ok(status.isOver);
  assert.deepEqual((await read(await opened("/dev/null"))).records, []);
});

test("LineSource stops in a device that has no end", async () => {
  const source = await opened("/dev/zero");
  setTimeout(() => source.stop(), 100);
  assert.ok(!(await read(source)).isOver);
});

test("LineSource waits for a FIFO's first writer, says so, reads to its last", async () => {
  const path = newFifo();
  const log = newLog();
  const reading = read(await opened(path, log));
  await pause(1300);
  const said = "info waiting: nobody has written anything yet";
  assert.deepEqual(log.lines, [said]);
  const first = await open(path, "w");
  await first.write("a\nb");
  const second = await open(path, "w");
  await first.close();
  await pause(50);
  await second.write("c\n");
  await second.close();
  assert.deepEqual(await reading, {
    records: [
      [0, "a"],
      [1, "bc"],
    ],
    isOver: true,
  });
});

test("LineSource ends when a FIFO's writer leaves without a word", async () => {
  const path = newFifo();
  const reading = read(await opened(path));
  await (await open(path, "w")).close();
  assert.deepEqual(await reading, { records: [], isOver: true });
});

test("LineSource stops at once before a FIFO has a writer", async () => {
  const source = await opened(newFifo());
  setTimeout(() => source.stop(), 50);
  assert.deepEqual(await read(source), { records: [], isOver: false });
});

test("LineSource stops at once in a FIFO whose writer is silent, without half a line", async () => {
  const path = newFifo();
  const source = await opened(path);
  const writer = await open(path, constants.O_WRONLY);
  await writer.write("a\nhalf");
  setTimeout(() => source.stop(), 100);
  assert.deepEqual(await read(source), { records: [[0, "a"]], isOver: false });
  await writer.close();
});

test("LineSource opens a FIFO without waiting", async () => {
  const path = newFifo();
  const source = await opened(path);
  // Fails with ENXIO unless somebody reads.
  closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
  await source.close();
});

test("LineSource says in words that there is no such file", async () => {
  await assert.rejects(opened(join(folder, "none")), {
    name: "WorldError",
    message: `Cannot read file "${join(folder, "none")}": there is no such file`,
  });
});
