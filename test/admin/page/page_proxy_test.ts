import assert from "node:assert/strict";
import { after, test } from "node:test";
import { freePort } from "../../../docker/local_kafka/free_port.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { servedAdmin } from "../served_admin.ts";
import { servedProxy } from "../served_proxy.ts";
import { closeBrowser, openPage } from "./browser.ts";
import { MovingRun } from "./moving_run.ts";

after(closeBrowser);

for (const keepsHost of [false, true]) {
  const host = keepsHost ? "with its own Host" : "with the Host of the server";
  test(`proxy: the page works below a path, ${host}`, async (t) => {
    const port = await freePort();
    const origin = `http://console.localhost:${port}`;
    const admin = await servedAdmin(t, new MovingRun(), { origins: [origin] });
    const listen = { port, to: admin.port };
    await servedProxy(t, listen, { prefix: "/x/", keepsHost });
    const hash = "#visit=140083910993_3";
    const page = await openPage(t, `${origin}/x/${hash}`);
    await page.locator(".session").waitFor();
    await page.locator("#latency-table tr").first().waitFor();
    await page.locator("#list tr").first().waitFor();
    assert.equal(await page.locator("#link-text").innerText(), "live");
    await page.getByRole("button", { name: "Reset" }).click();
    const note = page.locator("#latency-note");
    await waitUntil(async () => (await note.innerText()) !== "");
    assert.match(await note.innerText(), /^Counts anew since/);
    const links = await page
      .locator("footer a")
      .evaluateAll((all) =>
        all.map((each) => String(Reflect.get(each, "href"))),
      );
    assert.deepEqual(links, [
      `${origin}/x/metrics`,
      `${origin}/x/openapi.json`,
    ]);
  });
}
