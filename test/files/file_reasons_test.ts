import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  unreadableReason,
  unwritableReason,
} from "../../src/files/file_reasons.ts";
import { openLines } from "../../src/sink/lines/line_writer.ts";
import { opened, read } from "../support/line_inputs.ts";

test("a socket as a file is told in words, read or written", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sessionmill-sockets-"));
  const path = join(folder, "sock");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  try {
    const why = "it is a socket, or its device is not there";
    await assert.rejects(opened(path), {
      name: "WorldError",
      message: `Cannot read file "${path}": ${why}`,
    });
    await assert.rejects(openLines(path, { existing: "append" }), {
      name: "WorldError",
      message: `Cannot write file "${path}": ${why}`,
    });
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test("a file whose reads fail is told in words", async () => {
  await assert.rejects(read(await opened("/proc/self/mem")), {
    name: "WorldError",
    message: 'Cannot read file "/proc/self/mem": its device fails',
  });
});

test("what has no reason of ours is told without its code", () => {
  const error = Object.assign(new Error("EXFULL: exchange full, read 'x'"), {
    code: "EXFULL",
  });
  const reason = 'the operating system says "exchange full"';
  assert.equal(unreadableReason(error), reason);
  assert.equal(unwritableReason(error), reason);
  assert.equal(unreadableReason(new Error("in words, ours")), "in words, ours");
});
