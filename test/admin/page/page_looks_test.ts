import assert from "node:assert/strict";
import { after, test } from "node:test";
import { waitUntil } from "../../support/wait_until.ts";
import { servedAdmin } from "../served_admin.ts";
import { closeBrowser, openPage, seriousFaults } from "./browser.ts";
import { MovingRun } from "./moving_run.ts";
import { servedPage } from "./served_page.ts";

after(closeBrowser);

const hash = "#visit=140083910993_3";
const BACKGROUND = "getComputedStyle(document.body).backgroundColor";
const LIGHT = "rgb(244, 246, 248)";
const DARK = "rgb(14, 19, 25)";

for (const colorScheme of ["light", "dark"] as const) {
  test(`looks: axe-core finds nothing serious, ${colorScheme}`, async (t) => {
    const page = await servedPage(t, { hash, colorScheme });
    await page.locator(".session").waitFor();
    await page.locator("#latency-table tr").first().waitFor();
    assert.deepEqual(await seriousFaults(page), []);
  });
}

test("looks: axe-core finds nothing serious where the token is asked for", async (t) => {
  const token = "0123456789abcdef";
  const { url } = await servedAdmin(t, new MovingRun(), { token });
  const page = await openPage(t, url, { mayFail: true });
  await page.getByLabel(/^Token/).fill("wrong-token-wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.deepEqual(await seriousFaults(page), []);
});

test("looks: fits a phone, with nothing to the side", async (t) => {
  const view = new MovingRun({ partitions: 40, visitsPerSecond: 900_000 });
  const viewport = { width: 360, height: 740 };
  const page = await servedPage(t, { view, hash, viewport });
  await page.locator(".session").waitFor();
  const width = "document.documentElement.scrollWidth";
  assert.equal(await page.evaluate(width), 360);
  const hidden = `(() => {
    const { scrollWidth, clientWidth } = document.getElementById("partitions-scroll");
    return scrollWidth - clientWidth;
  })()`;
  assert.equal(await page.evaluate(hidden), 0);
  assert.deepEqual(await seriousFaults(page), []);
});

test("looks: is dark where the reader's system is, or as the reader says", async (t) => {
  const page = await servedPage(t, { colorScheme: "dark" });
  const isOn = (colour: string) =>
    waitUntil(async () => (await page.evaluate(BACKGROUND)) === colour);
  await isOn(DARK);
  await page.emulateMedia({ colorScheme: "light" });
  await isOn(LIGHT);
  const button = page.getByRole("button", { name: /^Theme/ });
  await button.click();
  await button.click();
  assert.equal(await button.innerText(), "Theme: dark");
  await isOn(DARK);
  await page.reload();
  await isOn(DARK);
});

test("looks: moves nothing for those who want stillness", async (t) => {
  const page = await servedPage(t, { reducedMotion: "reduce" });
  const bar = "document.querySelector('#partitions .bar i')";
  assert.equal(
    await page.evaluate(`getComputedStyle(${bar}).transitionDuration`),
    "0s",
  );
});

test("looks: all of it is reached and used by keys", async (t) => {
  const page = await servedPage(t);
  await page.locator("#list tr").nth(39).waitFor();
  const reached = new Set<string>();
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(
      `(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element.id === "latency-file"
          ? element.labels[0] : element);
        const isSeen = style.outlineStyle !== "none";
        return (isSeen ? "" : "unseen ") + (element.id || element.textContent);
      })()`,
    );
    reached.add(String(name));
  }
  const wanted = ["Skip to the numbers", "theme", "processing", "latency-log"];
  wanted.push("latency-pause", "latency-reset", "latency-hgrm", "latency-hlog");
  wanted.push("latency-file", "visit-id", "oldest", "140083910000_0");
  assert.deepEqual(
    wanted.filter((name) => !reached.has(name)),
    [],
  );
  await page.getByRole("button", { name: "processing" }).focus();
  await page.keyboard.press("Enter");
  await waitUntil(async () =>
    /until its shard/.test(await page.locator("#latency-meaning").innerText()),
  );
});

for (const width of [1280, 390]) {
  test(`looks: a figure is on one line with its name, ${width} px wide`, async (t) => {
    const view = new MovingRun();
    const { process } = await view.state();
    view.change = {
      process: { ...process, cpuMs: (12 * 60 + 35) * 60_000, rssBytes: 1.23e9 },
      closedByReason: { gap: 123_456_789, "late-update": 1_234_567 },
      revisions: 123_456_789,
    };
    const page = await servedPage(t, {
      view,
      viewport: { width, height: 844 },
    });
    await page.locator("#process div").first().waitFor();
    const told = await page.locator(".facts div").evaluateAll((facts) =>
      facts.map((fact) => {
        const { scrollWidth, clientWidth, clientHeight, textContent } = fact;
        return { isCut: scrollWidth > clientWidth, clientHeight, textContent };
      }),
    );
    assert.ok(told.length > 10);
    const lineHeight = 1.45 * 13;
    for (const { isCut, clientHeight, textContent } of told) {
      assert.ok(!isCut && clientHeight < 1.5 * lineHeight, textContent ?? "");
    }
  });
}
