import assert from "node:assert/strict";
import { after, test } from "node:test";
import { waitUntil } from "../../support/wait_until.ts";
import { closeBrowser, numberIn, pixelsOf } from "./browser.ts";
import { MovingRun } from "./moving_run.ts";
import { servedPage } from "./served_page.ts";

after(closeBrowser);

test("page: says what runs and how, and its numbers move", async (t) => {
  const page = await servedPage(t);
  const text = await page.locator("header").innerText();
  assert.match(text, /running/);
  assert.match(text, /kafka:visits → kafka:sessions/);
  assert.match(text, /exactly-once · group web-sessions · 2 shards/);
  assert.match(text, /up \d min \d+ s/);
  const inAll = ".tile:nth-child(1) .under";
  const first = await numberIn(page, inAll);
  assert.ok(first > 100_000);
  await waitUntil(async () => (await numberIn(page, inAll)) > first);
  await waitUntil(
    async () => (await numberIn(page, ".tile:nth-child(1) .value")) > 1_000,
  );
});

test("page: draws the throughput, sample by sample", async (t) => {
  const page = await servedPage(t);
  const pixels = () => pixelsOf(page, { plot: "#throughput", colour: "two" });
  await waitUntil(async () => (await pixels()) > 10);
  const before = await pixels();
  await waitUntil(async () => (await pixels()) > before);
  assert.match(
    await page.locator("#throughput-legend").innerText(),
    /visits\/s [\d,]+\s+sessions\/s \d+/,
  );
});

test("page: marks the partition that holds the watermark back", async (t) => {
  const page = await servedPage(t);
  const rows = page.locator("#partitions tr");
  assert.equal(await rows.count(), 4);
  const held = await page.locator("#partitions tr.holds").innerText();
  assert.match(held, /▸ 2\s.*27 min\s.*silent 12 s, idle in 18 s/s);
  assert.match(
    await page.locator("#hold").innerText(),
    /^Waiting for visits\[2\], silent for 12 s, idle in 18 s, 6 min 5\d s behind the next one\.$/,
  );
  const widths = await rows
    .locator(".bar")
    .evaluateAll((bars) =>
      bars.map((bar) =>
        [...bar.children].reduce(
          (sum, part) => sum + part.getBoundingClientRect().width,
          0,
        ),
      ),
    );
  assert.ok(widths.every((width, i) => i === 2 || width < widths[2]!));
  const tile = await page.locator(".tile:nth-child(5)").innerText();
  assert.match(tile, /27\s*min behind\s+at [\d:]+, partition 2 is silent/);
});

test("page: shows shards, rejected records by reason and commits", async (t) => {
  const page = await servedPage(t);
  const shards = page.locator("#shards tr");
  assert.equal(await shards.count(), 2);
  await waitUntil(async () =>
    /0\s+95,680\s+49\.9 MB\s+[\d,]+\s+1\s+\d+ %/.test(
      await shards.first().innerText(),
    ),
  );
  assert.match(
    await page.locator("#rejected").innerText(),
    /^not_json\s+\d+\s+event_time_missing\s+\d+$/,
  );
  assert.match(
    await page.locator("#commits").innerText(),
    /window log\s+61 MB/,
  );
});

test("page: a recording is measured against its first partition", async (t) => {
  const view = new MovingRun();
  const { partitions, progress } = await view.state();
  const yearMs = 365 * 86_400_000;
  view.change = {
    partitions: partitions.map((each) => ({
      ...each,
      watermarkMs: each.watermarkMs! - yearMs,
    })),
    progress: { ...progress, watermarkMs: progress.watermarkMs - yearMs },
  };
  const page = await servedPage(t, { view });
  assert.match(
    await page.locator(".partitions thead").innerText(),
    /behind the first of them/,
  );
  assert.match(
    await page.locator("#partitions tr.holds").innerText(),
    /▸ 2\s.*7 min/s,
  );
});

test("page: a run that has nothing yet is shown without holes", async (t) => {
  const view = new MovingRun();
  const { progress } = await view.state();
  view.change = {
    phase: "starting",
    isReady: false,
    partitions: [],
    shards: [],
    durability: null,
    rejectedByReason: {},
    closedByReason: {},
    progress: { ...progress, watermarkMs: -Infinity, hold: null, lag: null },
  };
  view.latencies = async () => [
    { name: "closing", counts: new Float64Array() },
  ];
  const page = await servedPage(t, { view });
  await page.locator("#latency-table tr").first().waitFor();
  const text = await page.locator("body").innerText();
  assert.match(text, /starting/);
  assert.match(text, /none yet/);
  assert.match(text, /It has no partition now/);
  assert.match(text, /No record was rejected/);
  assert.match(text, /No closing latency was counted since the reset/);
  assert.doesNotMatch(text, /NaN|undefined|Infinity|null/);
});
