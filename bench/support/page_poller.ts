import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { LAUNCH } from "../../test/admin/page/browser.ts";
import { type Asker, ask, count, SCRAPE_MS } from "./admin_askers.ts";

/** Every other second the page asks for more: this holds some of both. */
const RECORDED_MS = 6_000;
/** The first requests are for the page itself, and for what it shows at first. */
const OPENING_MS = 2_000;

interface Request {
  readonly path: string;
  readonly atMs: number;
}

/**
 * Asks what an open page asks and scrapes the metrics each second, as `Watcher`
 * does, but draws nothing: a browser on the same cores takes more of them than
 * the server that it asks.
 */
export class PagePoller implements Asker {
  readonly counts = { answered: 0, failed: 0 };
  readonly #url: string;
  readonly #requests: readonly Request[];
  #timers: readonly NodeJS.Timeout[] = [];

  private constructor(url: string, requests: readonly Request[]) {
    this.#url = url;
    this.#requests = requests;
  }

  /** Notes what a real page asks for some seconds, in a browser that ends then. */
  static async open(url: string): Promise<PagePoller> {
    const browser = await chromium.launch(LAUNCH);
    try {
      const page = await browser.newPage();
      await page.goto(url);
      await sleep(OPENING_MS);
      const requests: Request[] = [];
      const beganAtMs = performance.now();
      page.on("request", (request) => {
        const path = request.url().slice(url.length);
        requests.push({ path, atMs: performance.now() - beganAtMs });
      });
      await sleep(RECORDED_MS);
      return new PagePoller(url, requests);
    } finally {
      await browser.close();
    }
  }

  async begin(): Promise<void> {
    const send = async (path: string) =>
      count(this.counts, await ask(`${this.#url}${path}`));
    const replay = () =>
      this.#requests.map(({ path, atMs }) => setTimeout(send, atMs, path));
    this.#timers = [
      setInterval(send, SCRAPE_MS, "/metrics"),
      setInterval(replay, RECORDED_MS),
    ];
    replay();
  }

  async pause(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async close(): Promise<void> {
    await this.pause();
  }
}
