import assert from "node:assert/strict";
import { closeSync, constants, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { newFifo, newLog, opened, read } from "../../support/line_inputs.ts";

test("LineSource hands over at once what a writer has written", async () => {
  const path = newFifo();
  const source = await opened(path);
  const writer = await open(path, "w");
  const counts: number[] = [];
  for await (const event of source.events()) {
    if (event.kind === "assigned") source.begin(0, "earliest");
    if (event.kind === "records") {
      counts.push(event.chunk.count);
      event.chunk.release();
      if (counts.length === 3) await writer.close();
    }
    if (event.kind === "finished") break;
    // Half a line waits for its end, the lines before it do not.
    if (counts.length < 3) await writer.write("a\nb\nc");
  }
  await source.close();
  assert.deepEqual(counts, [2, 2, 2, 1]);
});

test("LineSource takes together what has come while it was not asked", async () => {
  const path = newFifo();
  const source = await opened(path);
  const writer = await open(path, "w");
  const writing = writer.write(`${"x".repeat(100)}\n`.repeat(20_000));
  let chunks = 0;
  let count = 0;
  for await (const event of source.events()) {
    if (event.kind === "assigned") source.begin(0, "earliest");
    if (event.kind !== "records") continue;
    chunks++;
    count += event.chunk.count;
    event.chunk.release();
    await pause(100);
    if (count === 20_000) await writing.then(() => writer.close());
  }
  await source.close();
  assert.equal(count, 20_000);
  // A pipe holds 64 KiB, so that it would be 31 reads and more.
  assert.ok(chunks < 12, `${chunks} chunks`);
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
