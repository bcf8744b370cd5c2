import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { TestContext } from "node:test";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { CHROMIUM } from "../../support/requirements.ts";

/** Debian's own Chromium, alone with the page: it asks nobody else for anything. */
export const LAUNCH = {
  executablePath: CHROMIUM,
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

const AXE = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

/** What a test wants otherwise. */
export interface OpenedPageOptions extends BrowserContextOptions {
  /** Requests fail on purpose, which a browser writes to its console. */
  readonly mayFail?: boolean;
  /** So much is the browser's clock ahead of the time, ms. */
  readonly clockAheadMs?: number;
}

/** The server of a test may end before its page, and a kept connection with it. */
const GONE =
  /net::ERR_(?:CONNECTION_(?:REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/;

let browser: Promise<Browser> | undefined;

/** Ends the browser of this file's tests. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

/**
 * Opens a page in a browser without memory of others. At the end of the test it
 * must have asked no other host and have written nothing to its console.
 */
export async function openPage(
  t: TestContext,
  url: string,
  { mayFail = false, clockAheadMs = 0, ...options }: OpenedPageOptions = {},
): Promise<Page> {
  browser ??= chromium.launch(LAUNCH);
  const context = await (await browser).newContext(options);
  if (clockAheadMs !== 0) {
    await context.addInitScript(
      `const now = Date.now; Date.now = () => now() + ${clockAheadMs};`,
    );
  }
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    const isFailure = text.startsWith("Failed to load resource");
    if (!((mayFail && isFailure) || GONE.test(text))) faults.push(text);
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    const isOwn = origin === new URL(url).origin;
    if (!isOwn && !/^(data|blob):$/.test(protocol)) faults.push(request.url());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, []);
  });
  await page.goto(url);
  return page;
}

/** What axe-core finds serious or critical, with the elements. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // The page's policy allows no script but its own: this one comes from outside.
  const found = await page.evaluate(
    `(() => { ${AXE}; return window.axe.run(document, { resultTypes: ["violations"] }); })()`,
  );
  const { violations } = found as {
    violations: {
      id: string;
      impact: string;
      nodes: { html: string; failureSummary: string }[];
    }[];
  };
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`,
      ),
    );
}

/** A text of the page as a number: `1,234 /s` is 1234. */
export async function numberIn(page: Page, selector: string): Promise<number> {
  const text = await page.locator(selector).innerText();
  return Number(/[\d,.]+/.exec(text)?.[0].replaceAll(",", ""));
}

/** How many pixels of a plot have about this colour of the page. */
export function pixelsOf(
  page: Page,
  { plot, colour }: { plot: string; colour: string },
): Promise<number> {
  return page.evaluate(
    `(() => {
      const canvas = document.querySelector("${plot} canvas");
      const { width, height } = canvas;
      const newContext = () => Object
        .assign(document.createElement("canvas"), { width, height })
        .getContext("2d", { willReadFrequently: true });
      const copy = newContext();
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, width, height);
      const probe = newContext();
      probe.fillStyle = getComputedStyle(document.documentElement)
        .getPropertyValue("--${colour}");
      probe.fillRect(0, 0, 1, 1);
      const wanted = probe.getImageData(0, 0, 1, 1).data;
      let count = 0;
      for (let i = 0; i < data.length; i += 4) {
        const off = [0, 1, 2, 3].map((k) => Math.abs(data[i + k] - wanted[k]));
        if (Math.max(...off) < 12) count++;
      }
      return count;
    })()`,
  );
}
