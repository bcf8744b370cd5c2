import assert from "node:assert/strict";
import { after, test } from "node:test";
import { WorldError } from "../../../src/errors.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { closeBrowser } from "./browser.ts";
import { someSessions } from "./moving_parts.ts";
import { MovingRun } from "./moving_run.ts";
import { servedPage } from "./served_page.ts";

after(closeBrowser);

test("look-up: lists open sessions in the order that is chosen", async (t) => {
  const page = await servedPage(t);
  const rows = page.locator("#list tr");
  await rows.first().waitFor();
  assert.equal(await rows.count(), 40);
  assert.match(await rows.first().innerText(), /^140083910000_0/);
  assert.match(
    await page.locator("#list-note").innerText(),
    /^40 oldest, at \d\d:\d\d:\d\d$/,
  );
  await page.getByRole("button", { name: "largest" }).click();
  await waitUntil(async () => /\s23\s/.test(await rows.first().innerText()));
});

test("look-up: a visit_id has its explanation and its pages", async (t) => {
  const page = await servedPage(t);
  await page.getByLabel("visit_id").fill("140083910993_3");
  await page.keyboard.press("Enter");
  const explanation = page.locator(".explanation");
  await explanation.waitFor();
  assert.match(
    await explanation.innerText(),
    /Session 3-81003 of "140083910993_3" is open.*visits\[2\] holds it back: it is silent/,
  );
  const card = page.locator(".session");
  assert.match(
    await card.locator("header").innerText(),
    /3-81003\s+[\d-]+ [\d:]+ – [\d:]+, 12 min 57 s\s+22 visits · ends at/,
  );
  const pages = card.locator("li");
  assert.equal(await pages.count(), 22);
  assert.match(await pages.nth(1).innerText(), /[\d:]+\s+search\s+\+37 s/);
  await card.locator("summary").click();
  assert.match(await card.locator("pre").innerText(), /"visited_pages"/);
  assert.match(page.url(), /#visit=140083910993_3$/);
});

test("look-up: its reason is kept up to date", async (t) => {
  const view = new MovingRun();
  const hash = "#visit=140083910993_3";
  const page = await servedPage(t, { view, hash });
  const explanation = page.locator(".explanation");
  await explanation.waitFor();
  const first = await explanation.innerText();
  await waitUntil(async () => (await explanation.innerText()) !== first);
});

test("look-up: a row of the list leads to its session", async (t) => {
  const page = await servedPage(t);
  await page.getByRole("button", { name: "140083910331_1" }).click();
  await page.locator(".session").waitFor();
  assert.equal(
    await page.getByLabel("visit_id").inputValue(),
    "140083910331_1",
  );
});

test("look-up: odd visit_ids and those of no session are answered", async (t) => {
  const page = await servedPage(t);
  const explanation = page.locator(".explanation");
  for (const visitId of ["<b>no</b>", "100%", "a/b?c#d", "päge ☃"]) {
    await page.getByLabel("visit_id").fill(visitId);
    await page.getByRole("button", { name: "Look up" }).click();
    await waitUntil(async () =>
      (await explanation.allInnerTexts()).join().includes(visitId),
    );
    assert.equal(await page.locator(".session").count(), 0);
  }
});

test("look-up: says why there is nobody to ask, and the rest goes on", async (t) => {
  const view = new MovingRun();
  const why = "Cannot look at open sessions: they are being restored";
  view.session = async () => {
    throw new WorldError(why);
  };
  const hash = "#visit=x";
  const page = await servedPage(t, { view, hash, mayFail: true });
  const explanation = page.locator(".explanation");
  await explanation.waitFor();
  assert.equal(await explanation.innerText(), why);
  const uptime = await page.locator("#uptime").innerText();
  await waitUntil(
    async () => (await page.locator("#uptime").innerText()) !== uptime,
  );
  assert.equal(await page.locator("#link-text").innerText(), "live");
});

/** A run whose session is another one, and ends later, each time it is asked for. */
class GrowingRun extends MovingRun {
  #grown = 0;

  override async session(visitId: string) {
    const laterMs = ++this.#grown * 1_000;
    const sessions = await super.session(visitId);
    return sessions.map((each) => ({
      ...each,
      lastVisitMs: each.lastVisitMs + laterMs,
      endMs: each.endMs + laterMs,
    }));
  }
}

test("look-up: its sentence and its card are of one moment", async (t) => {
  const hash = "#visit=140083910993_3";
  const page = await servedPage(t, { view: new GrowingRun(), hash });
  await page.locator(".session summary").click();
  const told = () => page.locator("#look-up").innerText();
  const seen = new Set<string>();
  await waitUntil(async () => {
    const text = await told();
    const inSentence = /is open: it ends at [\d-]+ ([\d:]+)/.exec(text)?.[1];
    const inCard = /· ends at ([\d:]+)/.exec(text)?.[1];
    assert.equal(inCard, inSentence);
    seen.add(inCard!);
    return seen.size === 3;
  });
  assert.ok(
    await page.locator(".session pre").isVisible(),
    "is still unfolded",
  );
});

test("look-up: an answer that is late is not shown in place of the next", async (t) => {
  const page = await servedPage(t);
  await page.route(/explain.*140083910993_3/, async (route) => {
    await new Promise((done) => setTimeout(done, 1_000));
    await route.continue();
  });
  const asked = page.waitForRequest(/explain.*140083910993_3/);
  const answered = page.waitForResponse(/explain.*140083910993_3/);
  await page.getByRole("button", { name: "140083910993_3" }).click();
  await asked;
  await page.getByRole("button", { name: "140083910331_1" }).click();
  await answered;
  const told = page.locator("#look-up");
  await waitUntil(async () => (await told.innerText()) !== "");
  assert.match(await told.innerText(), /of "140083910331_1"/);
  assert.doesNotMatch(await told.innerText(), /140083910993_3/);
});

/** A run with a session of each of these, the last one with its visit_id cut. */
function runOf(visitIds: readonly string[]): MovingRun {
  const view = new MovingRun();
  const [made] = someSessions(Date.now());
  const open = visitIds.map((visitId, i) => {
    const isCut = i === visitIds.length - 1;
    return { ...made!, visitId, isCut, sessionId: `0-${i}` };
  });
  view.sessions = async () => open;
  view.session = async (visitId) =>
    open.filter((each) => each.visitId === visitId);
  return view;
}

test("look-up: any visit_id of the list is asked for, one that is cut is not", async (t) => {
  const odd = [
    ".",
    "..",
    " v7  x ",
    "v…",
    "\uD800",
    "a\nb",
    "a/b%2Fc",
    "long…",
  ];
  const page = await servedPage(t, { view: runOf(odd) });
  const buttons = page.locator("#list button");
  await buttons.first().waitFor();
  const card = page.locator(".session .id");
  const again = page.getByRole("button", { name: "Look up" });
  for (const i of odd.keys()) {
    const button = buttons.nth(i);
    if (i === odd.length - 1) {
      assert.ok(await button.isDisabled());
      continue;
    }
    await button.click();
    const isTold = async () => (await card.allInnerTexts()).join() === `0-${i}`;
    await waitUntil(isTold);
    // As it stands in the field, and as it stands in the address.
    const answered = page.waitForResponse(/explain/);
    await again.click();
    assert.equal((await answered).status(), 200);
    await waitUntil(isTold);
    await page.reload();
    await waitUntil(isTold);
  }
});

test("look-up: blanks at the ends of what is typed count", async (t) => {
  const page = await servedPage(t, { view: runOf([" v7 ", "v7", "cut…"]) });
  const explanation = page.locator(".explanation");
  for (const visitId of [" v7 ", "v7"]) {
    await page.getByLabel("visit_id").fill(visitId);
    await page.keyboard.press("Enter");
    await waitUntil(async () =>
      (await explanation.innerText()).includes(`of "${visitId}" is open`),
    );
  }
});

test("look-up: a list that is late is not shown in place of the next", async (t) => {
  const page = await servedPage(t);
  const first = page.locator("#list tr").first();
  await first.waitFor();
  await page.route(/order=largest/, async (route) => {
    await new Promise((done) => setTimeout(done, 1_000));
    await route.continue();
  });
  const answered = page.waitForResponse(/order=largest/);
  await page.getByRole("button", { name: "largest" }).click();
  await page.getByRole("button", { name: "latest" }).click();
  const note = page.locator("#list-note");
  await waitUntil(async () => /latest/.test(await note.innerText()));
  const latest = await first.innerText();
  await (await answered).finished();
  await page.waitForTimeout(300);
  assert.match(await note.innerText(), /^40 latest, /);
  assert.equal(await first.innerText(), latest);
});
