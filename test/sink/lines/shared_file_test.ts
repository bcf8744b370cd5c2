import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { openLines } from "../../../src/sink/lines/line_writer.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-shared-"));
after(() => rmSync(folder, { recursive: true }));
let paths = 0;

function newPath(content?: string): string {
  const path = join(folder, String(paths++));
  if (content !== undefined) writeFileSync(path, content);
  return path;
}

for (const existing of ["refuse", "overwrite", "append"] as const) {
  test(`openLines() to ${existing}: two that write one file write over nothing`, async () => {
    const path = newPath();
    const open = () => openLines(path, { existing });
    const [one, other] = [await open(), await open()];
    one.begin();
    other.begin();
    await one.write("one of the first\n");
    await other.write("other\n");
    await one.write("one more\n");
    for (const writer of [one, other]) await writer.close();
    const lines = "one of the first\nother\none more\n";
    assert.equal(readFileSync(path, "utf8"), lines);
  });
}

test("openLines() makes a file that goes when nothing begins", async () => {
  for (const existing of ["refuse", "overwrite", "append"] as const) {
    const made = newPath();
    const link = newPath();
    symlinkSync(newPath(), link);
    const [empty, filled] = [newPath(""), newPath()];
    for (const path of [made, link, empty, filled]) {
      const writer = await openLines(path, { existing });
      assert.ok(existsSync(path));
      if (path === filled) writeFileSync(path, "of somebody else\n");
      await writer.close();
    }
    assert.ok(!existsSync(made));
    assert.ok(!existsSync(link));
    assert.ok(lstatSync(link).isSymbolicLink());
    // It was there, and another one has what is in it.
    assert.ok(existsSync(empty));
    assert.ok(existsSync(filled));
    const begun = await openLines(made, { existing });
    begun.begin();
    await begun.close();
    assert.equal(readFileSync(made, "utf8"), "");
  }
});

test("openLines() never writes to a file that nobody can find any more", async () => {
  const path = newPath();
  const writer = await openLines(path, { existing: "refuse" });
  rmSync(path);
  await assert.rejects(writer.write("new\n"), {
    name: "WorldError",
    message: `Cannot write to file "${path}": it has been removed`,
  });
  await writer.close();
});

test("openLines() looks again at a file when it begins", async () => {
  const path = newPath();
  const refusing = await openLines(path, { existing: "refuse" });
  const cutting = await openLines(path, {
    ...{ existing: "append", cutsTornLine: true },
  });
  writeFileSync(path, "of somebody else\nto");
  await assert.rejects(refusing.write("new\n"), {
    name: "UsageError",
    message: /it exists and is not empty/,
  });
  await refusing.close();
  writeFileSync(path, "more\nand still more\nto");
  await cutting.write("new\n");
  await cutting.close();
  const kept = "more\nand still more\nnew\n";
  assert.equal(readFileSync(path, "utf8"), kept);
});
