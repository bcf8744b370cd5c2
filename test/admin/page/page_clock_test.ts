import assert from "node:assert/strict";
import { after, test } from "node:test";
import { serveAdmin } from "../../../src/admin/serve_admin.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { closeBrowser, openPage } from "./browser.ts";
import { MovingRun } from "./moving_run.ts";

after(closeBrowser);

const HOUR_MS = 3_600_000;

/** How far a time of day, UTC, is from now, ms. */
function offMs(text: string): number {
  const [, clock] = /(\d\d:\d\d:\d\d)/.exec(text)!;
  const [day] = new Date().toISOString().split("T");
  const off = Math.abs(Date.parse(`${day}T${clock}Z`) - Date.now());
  return Math.min(off, 24 * HOUR_MS - off);
}

test("clock: times are the server's, whatever the browser's clock says", async (t) => {
  const whom = { token: null, origins: [], version: "0.1.0" };
  const server = await serveAdmin(new MovingRun(), {
    ...{ host: "127.0.0.1", port: 0, mayMove: false, ...whom },
    warn: assert.fail,
  });
  t.after(() => server.close());
  const page = await openPage(t, `http://127.0.0.1:${server.port}/`, {
    ...{ mayFail: true, clockAheadMs: -3 * HOUR_MS },
  });
  await page.locator("#list tr").first().waitFor();
  const shown = async (id: string, begin: string) => {
    const element = page.locator(id);
    await waitUntil(async () => (await element.innerText()).includes(begin));
    return await element.innerText();
  };
  assert.ok(offMs(await shown("#list-note", "oldest, at")) < 60_000);
  await page.getByRole("button", { name: "Reset" }).click();
  assert.ok(offMs(await shown("#latency-note", "Counts anew")) < 60_000);
  await page.getByRole("button", { name: "Pause" }).click();
  assert.ok(offMs(await shown("#latency-note", "Stands since")) < 60_000);
  await server.close();
  assert.ok(offMs(await shown("#lost-text", "does not answer")) < 60_000);
  assert.match(await page.locator("#lost-for").innerText(), /^\d+ s ago/);
});
