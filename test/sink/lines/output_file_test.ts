import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { openLines } from "../../../src/sink/lines/line_writer.ts";
import type { OutputFileOptions } from "../../../src/sink/lines/output_file.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-outputs-"));
after(() => rmSync(folder, { recursive: true }));
let paths = 0;

function newPath(content?: string): string {
  const path = join(folder, String(paths++));
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

function newFifo(): string {
  const path = newPath();
  execFileSync("mkfifo", [path]);
  return path;
}

/** Options, and the lines that they log. */
function logged(existing: OutputFileOptions["existing"]) {
  const lines: string[] = [];
  const keep = (_: unknown, text: string) => void lines.push(text);
  return { lines, options: { existing, log: { info: keep, warn: keep } } };
}

async function write(
  path: string,
  existing: OutputFileOptions["existing"],
): Promise<{ text: string; lines: string[] }> {
  const { lines, options } = logged(existing);
  const writer = await openLines(path, options);
  await writer.write("new\n");
  await writer.close();
  return { text: readFileSync(path, "utf8"), lines };
}

test("openLines() makes a file, and takes one that is empty", async () => {
  for (const existing of ["refuse", "overwrite", "append"] as const) {
    assert.equal((await write(newPath(), existing)).text, "new\n");
    assert.equal((await write(newPath(""), existing)).text, "new\n");
  }
});

test("openLines() leaves a file alone that is not empty", async () => {
  const path = newPath("old\n");
  await assert.rejects(write(path, "refuse"), {
    name: "UsageError",
    message: `Cannot write file "${path}": it exists and is not empty, --overwrite replaces it and --append writes behind it`,
  });
  assert.equal(readFileSync(path, "utf8"), "old\n");
});

test("openLines() replaces all of a file when it may", async () => {
  const path = newPath("much that is old\n");
  assert.equal((await write(path, "overwrite")).text, "new\n");
});

for (const existing of ["overwrite", "append"] as const) {
  test(`openLines() to ${existing} leaves a file as it is until it begins`, async () => {
    const path = newPath("whole\nto");
    const { lines, options } = logged(existing);
    const unused = await openLines(path, options);
    await unused.flush();
    await unused.close();
    assert.equal(readFileSync(path, "utf8"), "whole\nto");
    assert.deepEqual(lines, []);
    const used = await openLines(path, options);
    used.begin();
    const begun = existing === "overwrite" ? "" : "whole\nto\n";
    assert.equal(readFileSync(path, "utf8"), begun);
    await used.close();
  });
}

test("openLines() appends behind whole lines", async () => {
  const { text, lines } = await write(newPath("old\n"), "append");
  assert.equal(text, "old\nnew\n");
  assert.deepEqual(lines, []);
});

test("openLines() never glues a line onto a torn one, and says so", async () => {
  const { text, lines } = await write(newPath("whole\nto"), "append");
  assert.equal(text, "whole\nto\nnew\n");
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /ended within a line: a line feed was put behind it/);
});

test("openLines() cuts a torn line that is written again", async () => {
  const long = "x".repeat(200_000);
  const cases = [
    ["whole\nto", "whole\nnew\n"],
    [`whole\n${long}`, "whole\nnew\n"],
    ["torn", "new\n"],
    ["whole\n", "whole\nnew\n"],
  ] as const;
  for (const [content, expected] of cases) {
    const path = newPath(content);
    const { lines, options } = logged("append");
    const writer = await openLines(path, { ...options, cutsTornLine: true });
    await writer.write("new\n");
    await writer.flush();
    // What is flushed is there before the file is closed.
    assert.equal(readFileSync(path, "utf8"), expected);
    await writer.close();
    assert.equal(lines.length, content.endsWith("\n") ? 0 : 1);
  }
});

test("openLines() takes devices as they are", async () => {
  const writer = await openLines("/dev/null", { existing: "refuse" });
  await writer.write("x\n");
  await writer.flush();
  await writer.close();
});

test("openLines() waits for a FIFO's reader, and says so", async () => {
  const path = newFifo();
  const { lines, options } = logged("refuse");
  const opening = openLines(path, options);
  await pause(1500);
  assert.deepEqual(lines, ["waiting: nobody reads the FIFO yet"]);
  const reader = await open(path, "r+");
  const writer = await opening;
  await writer.write("a\n");
  const { buffer, bytesRead } = await reader.read();
  assert.equal(buffer.toString("utf8", 0, bytesRead), "a\n");
  await writer.close();
  await reader.close();
});

test("openLines() stops waiting for a FIFO's reader when asked to", async () => {
  const path = newFifo();
  const stopping = new AbortController();
  const { signal } = stopping;
  setTimeout(() => stopping.abort(), 100);
  await assert.rejects(openLines(path, { existing: "refuse", signal }), {
    name: "WorldError",
    message: `Cannot write file "${path}": stopped before it had a reader`,
  });
});

test("LineWriter says which output's reader is gone, or whose disk is full", async () => {
  const path = newFifo();
  const reader = await open(path, "r+");
  const writer = await openLines(path, { existing: "refuse" });
  await reader.close();
  await assert.rejects(writer.write("x\n"), {
    name: "WorldError",
    message: `Cannot write to file "${path}": its reader has gone away`,
  });
  const full = await openLines("/dev/full", { existing: "refuse" });
  await assert.rejects(full.write("x\n"), {
    name: "WorldError",
    message: 'Cannot write to file "/dev/full": its disk is full',
  });
});

test("openLines() says why it cannot", async () => {
  await assert.rejects(openLines(folder, { existing: "overwrite" }), {
    name: "WorldError",
    message: /^Cannot write file ".*": it is a folder, not a file$/,
  });
  const path = join(folder, "no/such/folder");
  await assert.rejects(
    openLines(path, { existing: "append" }),
    /its folder does not exist/,
  );
  assert.ok(!existsSync(path));
  const circle = newPath();
  symlinkSync(circle, circle);
  const refused = {
    name: "WorldError",
    message: /: its links lead in a circle$/,
  };
  await assert.rejects(openLines(circle, { existing: "append" }), refused);
  const long = join(folder, "x".repeat(300));
  const tooLong = { name: "WorldError", message: /: its name is too long$/ };
  await assert.rejects(openLines(long, { existing: "append" }), tooLong);
});
