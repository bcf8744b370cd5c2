import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LineSource } from "../../../src/source/lines/line_source.ts";
import {
  folder,
  MIB,
  newLog,
  newPath,
  opened,
  read,
} from "../../support/line_inputs.ts";

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

test("LineSource says how much of a file is read, where it has a size", async () => {
  const path = newPath();
  writeFileSync(path, "0123456789\n".repeat(MIB));
  const source = await opened(path);
  const shares: number[] = [];
  for await (const event of source.events()) {
    if (event.kind === "assigned") source.begin(0, "earliest");
    const { done, total } = source.extent()!;
    assert.equal(total, 11 * MIB);
    shares.push(done / total);
    if (event.kind === "records") event.chunk.release();
  }
  assert.equal(shares[0], 0);
  assert.equal(shares.at(-1), 1);
  assert.ok(new Set(shares).size > 5, `${shares}`);
  await source.close();
  const ofNoSize = await opened("/proc/self/status");
  assert.equal(ofNoSize.extent(), null);
  await ofNoSize.close();
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
  const length = 3 * MIB + 1;
  const said = `warn a line of ${length} bytes is too large, its start is kept`;
  assert.deepEqual(log.lines, [said]);
});

test("LineSource tells the length of each line that it cut, and at the end how many", async () => {
  for (const [count, more] of [
    [2, "1 more line is too large, its start is kept"],
    [5, "4 more lines are too large, their starts are kept"],
  ] as const) {
    const path = newPath();
    const log = newLog();
    const line = `${"x".repeat(2 * MIB + 100)}\r\n`;
    writeFileSync(path, `a\n${line.repeat(count)}`);
    const source = await opened(path, log);
    await read(source);
    const warned = log.lines.filter((each) => each.startsWith("warn"));
    assert.equal(warned.length, 2);
    assert.match(warned[0]!, /^warn a line of 2097252 bytes is too large/);
    assert.equal(warned[1], `warn ${more}`);
    assert.equal(source.lengthOf(0, 0), null);
    assert.equal(source.lengthOf(0, count), 2 * MIB + 100);
    // Asked for once, it is forgotten.
    assert.equal(source.lengthOf(0, count), null);
  }
});

test("LineSource makes chunks of full reads, cut at each round", async () => {
  const path = newPath();
  writeFileSync(path, `${"x".repeat(470)}\n`.repeat(10_000));
  const options = { maxRecordBytes: MIB, roundRecords: 4096 };
  const source = new LineSource(path, options);
  await source.open();
  const counts: number[] = [];
  for await (const event of source.events()) {
    if (event.kind === "assigned") source.begin(0, "earliest");
    if (event.kind !== "records") continue;
    counts.push(event.chunk.count);
    event.chunk.release();
  }
  await source.close();
  const ends = counts.map((_, index) =>
    counts.slice(0, index + 1).reduce((sum, count) => sum + count),
  );
  for (const end of [4096, 8192, 10_000]) assert.ok(ends.includes(end));
  // Five reads, and two cuts in them.
  assert.ok(counts.length <= 7 + 1, String(counts));
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

test("LineSource says in words that there is no such file", async () => {
  await assert.rejects(opened(join(folder, "none")), {
    name: "WorldError",
    message: `Cannot read file "${join(folder, "none")}": there is no such file`,
  });
});

test("LineSource warns when a file is cut while it is read", async () => {
  const cases = [
    [0, 1],
    [5 * MIB, 1],
    // All of it that was there at the start has been read.
    [12 * MIB, 0],
  ] as const;
  for (const [nowBytes, warnings] of cases) {
    const path = newPath();
    writeFileSync(path, "0123456789\n".repeat(MIB));
    const log = newLog();
    const source = await opened(path, log);
    let isCut = false;
    for await (const event of source.events()) {
      if (event.kind === "assigned") source.begin(0, "earliest");
      if (event.kind !== "records") continue;
      event.chunk.release();
      if (!isCut) truncateSync(path, nowBytes);
      isCut = true;
    }
    await source.close();
    const had = `it had 11,534,336 bytes at the start and has ${nowBytes.toLocaleString("en")} now`;
    const told = log.lines.filter((line) => line.includes(had));
    assert.equal(told.length, warnings, `${log.lines}`);
  }
});
