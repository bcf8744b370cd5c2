import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { readHgrm } from "../../../src/admin/page/hgrm.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { closeBrowser, pixelsOf } from "./browser.ts";
import { MovingRun } from "./moving_run.ts";
import { servedPage } from "./served_page.ts";

after(closeBrowser);

const FILE = `       Value     Percentile TotalCount 1/(1-Percentile)

       1.000 0.000000000000         10           1.00
       2.000 0.500000000000        500           2.00
       4.000 0.900000000000        900          10.00
       8.000 0.990000000000        990         100.00
      40.000 1.000000000000       1000
#[Mean    =        2.500, StdDeviation   =        1.000]
#[Max     =       40.000, Total count    =         1000]
#[Buckets =           20, SubBuckets     =         2048]
`;

/** The cells of a row of the table. */
async function cells(page: Page, name: string): Promise<string[]> {
  const row = page.locator("#latency-table tr", {
    has: page.getByRole("rowheader", { name, exact: true }),
  });
  return await row.locator("td").allInnerTexts();
}

async function counts(page: Page): Promise<number[]> {
  const texts = await cells(page, "count");
  return texts.map((text) => Number(text.replaceAll(",", "")));
}

async function withCounts(page: Page): Promise<void> {
  await waitUntil(async () => (await counts(page))[0]! > 500);
}

test("latency: a plot by percentile and a table, of the one that is chosen", async (t) => {
  const page = await servedPage(t);
  await withCounts(page);
  const one = { plot: "#latency-plot", colour: "one" };
  await waitUntil(async () => (await pixelsOf(page, one)) > 200);
  const [p50] = await cells(page, "50 %");
  assert.match(p50!, /^[12]\.?\d* ms$/);
  await page.getByRole("button", { name: "visibility" }).click();
  await waitUntil(async () =>
    /^\d\d\.?\d* ms$/.test((await cells(page, "50 %"))[0]!),
  );
  assert.match(
    await page.locator("#latency-meaning").innerText(),
    /the end of the transaction/,
  );
  await page.getByLabel("log scale").check();
  await waitUntil(async () => (await pixelsOf(page, one)) > 200);
});

test("latency: a reset begins to count anew", async (t) => {
  const page = await servedPage(t);
  await withCounts(page);
  const [, before] = await counts(page);
  await page.getByRole("button", { name: "Reset" }).click();
  await waitUntil(async () => (await counts(page))[1]! < before!);
  const [minute, reset] = await counts(page);
  assert.ok(reset! < minute!);
  assert.match(
    await page.locator("#latency-note").innerText(),
    /^Counts anew since \d\d:\d\d:\d\d\.$/,
  );
});

test("latency: what was said of a job goes with it", async (t) => {
  const view = new MovingRun();
  const page = await servedPage(t, { view });
  await withCounts(page);
  await page.getByRole("button", { name: "Reset" }).click();
  const note = page.locator("#latency-note");
  await waitUntil(async () => /^Counts anew/.test(await note.innerText()));
  await page.waitForTimeout(2_500);
  assert.match(await note.innerText(), /^Counts anew/);
  view.change = { startedAtMs: Date.now() };
  await waitUntil(async () => (await note.innerText()) === "");
});

test("latency: why there is none is said until there is one", async (t) => {
  const view = new MovingRun();
  view.latencies = async () => [];
  const page = await servedPage(t, { view, mayFail: true });
  const note = page.locator("#latency-note");
  await waitUntil(async () => /^Cannot find/.test(await note.innerText()));
  Reflect.deleteProperty(view, "latencies");
  await waitUntil(async () => (await note.innerText()) === "");
});

test("latency: stands still while it is paused", async (t) => {
  const page = await servedPage(t);
  await withCounts(page);
  await page.getByRole("button", { name: "Pause" }).click();
  const note = page.locator("#latency-note");
  assert.match(await note.innerText(), /^Stands since/);
  const paused = await counts(page);
  const uptime = await page.locator("#uptime").innerText();
  await page.waitForTimeout(4_000);
  assert.notEqual(await page.locator("#uptime").innerText(), uptime);
  assert.deepEqual(await counts(page), paused);
  await page.getByRole("button", { name: "Go on" }).click();
  await waitUntil(async () => (await counts(page))[0]! > paused[0]!);
});

test("latency: a chosen .hgrm stands beside, in its unit", async (t) => {
  const page = await servedPage(t);
  await withCounts(page);
  await page.locator("#latency-file").setInputFiles({
    name: "before.hgrm",
    mimeType: "text/plain",
    buffer: Buffer.from(FILE),
  });
  await waitUntil(async () => (await cells(page, "99 %")).length === 4);
  const [now, , file, ratio] = await cells(page, "99 %");
  assert.equal(file, "8 ms");
  const expected = Number.parseFloat(now!) / 8;
  assert.ok(Math.abs(Number.parseFloat(ratio!) - expected) < 0.01);
  assert.equal((await cells(page, "99.99 %"))[2], "–");
  assert.equal((await cells(page, "max"))[2], "40 ms");
  assert.equal((await cells(page, "mean"))[2], "2.5 ms");
  const three = { plot: "#latency-plot", colour: "three" };
  await waitUntil(async () => (await pixelsOf(page, three)) > 50);
  await page.locator("#compare-unit").selectOption({ label: "µs" });
  await waitUntil(async () => (await cells(page, "99 %"))[2] === "8 µs");
  await page.getByRole("button", { name: "Remove" }).click();
  await waitUntil(async () => (await cells(page, "99 %")).length === 2);
  await waitUntil(async () => (await pixelsOf(page, three)) === 0);
});

test("latency: a .hgrm is dropped anywhere, and another file refused", async (t) => {
  const page = await servedPage(t);
  await withCounts(page);
  const drop = async (name: string, text: string) => {
    const dataTransfer = await page.evaluateHandle(
      `(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([${JSON.stringify(text)}], "${name}"));
        return transfer;
      })()`,
    );
    await page.dispatchEvent("#shards", "dragover", { dataTransfer });
    await page.dispatchEvent("#shards", "drop", { dataTransfer });
  };
  await drop("dropped.hgrm", FILE);
  await waitUntil(async () => (await cells(page, "99 %"))[2] === "8 ms");
  assert.equal(await page.locator("#compare-name").innerText(), "dropped.hgrm");
  const note = page.locator("#latency-note");
  await drop("cat.png", "no histogram");
  await waitUntil(async () =>
    /^Cannot compare with cat\.png: it has no line/.test(
      await note.innerText(),
    ),
  );
  await drop("torn.hgrm", FILE.slice(0, 200));
  await waitUntil(async () =>
    /^Cannot compare with torn\.hgrm: /.test(await note.innerText()),
  );
  assert.equal((await cells(page, "99 %"))[2], "8 ms");
});

test("latency: downloads are files of HdrHistogram", async (t) => {
  const page = await servedPage(t);
  await withCounts(page);
  const download = async (name: string) => {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name }).click(),
    ]);
    const text = await readFile(await file.path(), "utf8");
    return { name: file.suggestedFilename(), text };
  };
  const hgrm = await download("Download .hgrm");
  assert.equal(hgrm.name, "closing.hgrm");
  const { count } = readHgrm(hgrm.text, { name: hgrm.name, unit: null });
  assert.ok(count > 500);
  const hlog = await download(".hlog");
  assert.equal(hlog.name, "closing.hlog");
  assert.match(hlog.text, /^#\[.*\n#\[Histogram log format version 1\./);
});
