import assert from "node:assert/strict";
import { after, test } from "node:test";
import { serveAdmin } from "../../../src/admin/serve_admin.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { servedAdmin } from "../served_admin.ts";
import { closeBrowser, numberIn, openPage } from "./browser.ts";
import { MovingRun } from "./moving_run.ts";
import { servedPage } from "./served_page.ts";

after(closeBrowser);

const TOKEN = "0123456789abcdef";

test("connection: a lost one is said, and it goes on when it is back", async (t) => {
  const whom = { token: null, origins: [] };
  const options = { host: "127.0.0.1", mayMove: false, ...whom };
  const view = new MovingRun();
  const serve = (port: number) =>
    serveAdmin(view, { ...options, port, version: "0.1.0", warn: assert.fail });
  let server = await serve(0);
  t.after(() => server.close());
  const { port } = server;
  const page = await openPage(t, `http://127.0.0.1:${port}/`, {
    mayFail: true,
  });
  const link = page.locator("#link-text");
  await waitUntil(async () => (await link.innerText()) === "live");
  const inAll = ".tile:nth-child(1) .under";
  await server.close();
  await waitUntil(async () => (await link.innerText()) === "no connection");
  const before = await numberIn(page, inAll);
  assert.match(
    await page.locator("#lost-text").innerText(),
    /^The job does not answer, since \d\d:\d\d:\d\d\. What you see is how it was then\.$/,
  );
  const grey = "getComputedStyle(document.querySelector('main')).filter";
  assert.equal(await page.evaluate(grey), "grayscale(1)");
  assert.equal(
    await page.evaluate(grey.replace("main", ".pill")),
    "grayscale(1)",
  );
  const ago = page.locator("#lost-for");
  const first = await ago.innerText();
  await waitUntil(async () => (await ago.innerText()) !== first);
  assert.equal(await numberIn(page, inAll), before);
  server = await serve(port);
  await waitUntil(async () => (await link.innerText()) === "live");
  assert.equal(await page.locator("#lost").isVisible(), false);
  assert.equal(await page.evaluate(grey), "none");
  await waitUntil(async () => (await numberIn(page, inAll)) > before);
});

test("token: is asked for, judged, and kept in the tab alone", async (t) => {
  const { url } = await servedAdmin(t, new MovingRun(), { token: TOKEN });
  const page = await openPage(t, url, { mayFail: true });
  const field = page.getByLabel(/^Token/);
  await field.waitFor();
  assert.equal(await page.locator("main").isVisible(), false);
  assert.equal(await page.evaluate("document.activeElement.id"), "token");
  await field.fill("wrong-token-wrong");
  await page.keyboard.press("Enter");
  await waitUntil(async () =>
    /does not know this token/.test(
      await page.locator("form").first().innerText(),
    ),
  );
  // It stays, and the server is left alone until there is another one.
  let requests = 0;
  page.on("request", () => requests++);
  await page.waitForTimeout(2_500);
  assert.equal(requests, 0);
  assert.ok(await page.getByRole("alert").isVisible());
  await field.fill(TOKEN);
  await page.keyboard.press("Enter");
  await page.locator("#latency-table tr").first().waitFor();
  assert.equal(await page.evaluate("localStorage.length"), 0);
  assert.equal(
    await page.evaluate("sessionStorage.getItem('sessionmill-token/')"),
    TOKEN,
  );
  assert.equal(page.url(), `${url}/`);
  await page.reload();
  await page.locator("#latency-table tr").first().waitFor();
});

test("connection: what the server refuses is said in its words", async (t) => {
  const { url } = await servedAdmin(t, new MovingRun());
  const page = await openPage(t, url, { mayFail: true });
  await page.locator("#main").waitFor();
  await page.route("**/state", (route) =>
    route.fulfill({ status: 503, json: { error: "Cannot tell: it rests." } }),
  );
  await waitUntil(async () =>
    /^Cannot tell: it rests, since/.test(
      await page.locator("#lost-text").innerText(),
    ),
  );
});

test("connection: asks for nothing while nobody looks", async (t) => {
  const { url } = await servedAdmin(t, new MovingRun());
  const page = await openPage(t, url);
  await page.locator("#latency-table tr").first().waitFor();
  const setHidden = (isHidden: boolean) =>
    page.evaluate(
      `Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));`,
    );
  let requests = 0;
  page.on("request", () => requests++);
  await waitUntil(() => requests > 0);
  await setHidden(true);
  // What was under way may have more to ask.
  await page.waitForTimeout(2_000);
  const before = requests;
  await page.waitForTimeout(3_000);
  assert.equal(requests, before);
  await setHidden(false);
  await waitUntil(() => requests > before);
});

test("page: says so when Kafka does not answer, and tells of open sessions", async (t) => {
  const view = new MovingRun();
  const made = await view.state();
  view.change = {
    ...{ isReady: false, isKafkaAway: true },
    progress: { ...made.progress, lag: null },
  };
  const page = await servedPage(t, { view });
  await page.locator("#list tr").first().waitFor();
  assert.equal(
    await page.locator("#phase").innerText(),
    "running, Kafka does not answer",
  );
  assert.match(
    await page.locator("#tiles").innerText(),
    /Lag\s+–\s+Kafka does not answer/i,
  );
  assert.match(
    await page.locator("#partitions").innerText(),
    /no answer, silent/,
  );
});

test("connection: another run at the same place is shown from its start", async (t) => {
  const view = new MovingRun({ ageMs: 600_000 });
  const { url } = await servedAdmin(t, view);
  const page = await openPage(t, url);
  const uptime = page.locator("#uptime");
  await waitUntil(async () => /^up 10 min/.test(await uptime.innerText()));
  await page.locator("#list tr").first().waitFor();
  view.change = { startedAtMs: Date.now(), isReady: false, phase: "starting" };
  await waitUntil(async () => /^up \d+ s$/.test(await uptime.innerText()));
  assert.match(await page.locator("#phase").innerText(), /starting/);
});
