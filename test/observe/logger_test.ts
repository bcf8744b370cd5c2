import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../../src/observe/logger.ts";
import { recordedTerminal } from "./support.ts";

test("createLogger() writes one line a message for people", () => {
  const { terminal, written } = recordedTerminal({ isTTY: false });
  const log = createLogger(terminal, { level: "info", format: "text" });
  log.debug("not shown");
  log.info("reading");
  log.warn({ topic: "visits", note: "a b" }, "careful");
  log.error({ err: new Error("no disk") }, "failed");
  // What the message says is not said again.
  log.warn({ err: new Error("no disk") }, "no disk: tries again");
  const lines = written.map((line) => line.replace(/^[\d:]{8} /, ""));
  assert.deepEqual(lines, [
    "info  reading\n",
    'warn  careful (topic=visits note="a b")\n',
    'error failed (error="no disk")\n',
    "warn  no disk: tries again\n",
  ]);
});

test("createLogger() writes JSON for machines", () => {
  const { terminal, written } = recordedTerminal({ isTTY: false });
  const log = createLogger(terminal, { level: "debug", format: "json" });
  log.debug({ partition: 3 }, "fetching");
  const { time, ...rest } = JSON.parse(written[0]!);
  assert.ok(Date.now() - Date.parse(time) < 60_000);
  assert.deepEqual(rest, { level: "debug", partition: 3, msg: "fetching" });
});

test("createLogger() lets nothing of others move the cursor", () => {
  const { terminal, written } = recordedTerminal({ isTTY: false });
  const log = createLogger(terminal, { level: "info", format: "text" });
  const others = `${String.fromCharCode(27)}[2J\u009b\r`;
  log.info({ [others]: others }, `named ${others}`);
  assert.match(written[0]!, / named \?\[2J\?\? \(\?\[2J\?\?=/);
  assert.doesNotMatch(written[0]!.trimEnd(), /\p{C}/u);
});
