import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { waitUntil } from "../../support/wait_until.ts";
import { closeBrowser } from "./browser.ts";
import { MovingRun } from "./moving_run.ts";
import { servedPage } from "./served_page.ts";

after(closeBrowser);

const FILE = `       Value     Percentile TotalCount 1/(1-Percentile)

       0.123 0.000000000000     100000           1.00
       1.230 0.990000000000   99000000         100.00
    1230.000 1.000000000000  123456789
#[Mean    =        2.699, StdDeviation   =       10.502]
#[Max     =     1230.000, Total count    =    123456789]
`;

const HEIGHT = 900;
const PHONES = [600, 414, 375, 360, 320];
const WIDTHS = [1920, 1440, 1280, 1200, 1101, 900, ...PHONES];

/** Names of the tables that are wider than their boxes, and of cells that are cut. */
const CUT = `(() => {
  const boxes = [...document.querySelectorAll(".scroll")]
    .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
    .map((box) => {
      const { id } = box.querySelector("tbody");
      return id + " by " + (box.scrollWidth - box.clientWidth) + " px";
    });
  const cells = [...document.querySelectorAll("th, td, button")]
    .filter((cell) => cell.scrollWidth > cell.clientWidth)
    .filter((cell) => getComputedStyle(cell).textOverflow !== "ellipsis")
    .map((cell) => cell.textContent);
  const all = document.documentElement;
  return [...boxes, ...cells, ...(all.scrollWidth > innerWidth ? ["page"] : [])];
})()`;

/** What is cut, by width. */
async function cutAt(page: Page): Promise<Record<string, unknown>> {
  // With rates, and all that comes behind the first numbers.
  await page.waitForTimeout(2_500);
  const cut: Record<string, unknown> = {};
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    const found = (await page.evaluate(CUT)) as unknown[];
    if (found.length > 0) cut[width] = found;
  }
  return cut;
}

test("widths: no table is cut, with a file to compare either", async (t) => {
  const view = new MovingRun({ visitsPerSecond: 900_000 });
  const page = await servedPage(t, { view });
  await page.locator("#latency-table tr").first().waitFor();
  await page.locator("#list tr").nth(20).waitFor();
  await page.locator("#shards .bar").first().waitFor();
  assert.deepEqual(await cutAt(page), {});
  await page.locator("#latency-file").setInputFiles({
    name: "before.hgrm",
    mimeType: "text/plain",
    buffer: Buffer.from(FILE),
  });
  const heads = page.locator("#latency-head th");
  await waitUntil(async () => (await heads.count()) === 5);
  assert.equal(await heads.last().innerText(), "minute : file");
  assert.deepEqual(await cutAt(page), {});
  for (const unit of ["s", "us"]) {
    await page.locator("#compare-unit").selectOption(unit);
    assert.deepEqual(await cutAt(page), {}, unit);
  }
});

test("widths: a visit_id that is too long ends in …, before the time", async (t) => {
  const view = new MovingRun();
  const { sessions } = view;
  view.sessions = async (query) => {
    const all = await sessions.call(view, query);
    return all.map((each) => ({ ...each, visitId: each.visitId.repeat(9) }));
  };
  const page = await servedPage(t, { view });
  await page.locator("#list tr").first().waitFor();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    const row = (await page.evaluate(`(() => {
      const button = document.querySelector("#list button");
      const time = document.querySelector("#list td:nth-child(2) :last-child");
      return {
        isCut: button.scrollWidth > button.clientWidth,
        end: getComputedStyle(button).textOverflow,
        gap: time.getBoundingClientRect().left - button.getBoundingClientRect().right,
      };
    })()`)) as { isCut: boolean; end: string; gap: number };
    assert.ok(row.isCut, `${width}`);
    assert.equal(row.end, "ellipsis");
    assert.ok(row.gap >= 4, `${row.gap} at ${width}`);
  }
});
