import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pino from "pino";
import { RunAdmin } from "../../src/cli/run_admin.ts";
import { MadeView, madeState } from "../admin/made_view.ts";
import { waitUntil } from "../support/wait_until.ts";

test("the admin server does not start amid a restore, but behind it", async (t) => {
  let log = "";
  const write = (text: string) => {
    log += text;
  };
  const config = { host: "127.0.0.1", port: 0, token: null, isGiven: true };
  const admin = new RunAdmin(config, pino({ level: "info" }, { write }));
  t.after(() => admin.stop());
  const view = new MadeView();
  view.now = madeState({ phase: "restoring" });
  admin.start(view);
  await sleep(3_500);
  assert.equal(log, "");
  view.now = madeState({ phase: "running" });
  await waitUntil(() => log.includes("admin server at http://127.0.0.1:"));
});

test("an admin server that waits for a restore can be stopped", async () => {
  const config = { host: "127.0.0.1", port: 0, token: null, isGiven: true };
  const admin = new RunAdmin(config, pino({ level: "silent" }));
  const view = new MadeView();
  view.now = madeState({ phase: "restoring" });
  admin.start(view);
  await sleep(2_400);
  await admin.stop();
});
