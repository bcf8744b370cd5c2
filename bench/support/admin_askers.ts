import { Agent, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import type { OpenSession } from "../../src/observe/run_view.ts";
import { LAUNCH } from "../../test/admin/page/browser.ts";
import { ensureRequirements } from "../../test/support/requirements.ts";

/** Somebody who asks an admin server, now and then. */
export interface Asker {
  /** Answers that came, and questions that got none, so far. */
  readonly counts: { readonly answered: number; readonly failed: number };
  begin(): Promise<void>;
  /** Asks no more until it begins again. */
  pause(): Promise<void>;
  close(): Promise<void>;
}

/** Where the admin server of a run that is asked listens. */
export const ADMIN = "127.0.0.1:9564";

const READY_TIMEOUT_MS = 20_000;
/** How often Prometheus asks. */
export const SCRAPE_MS = 1_000;
/** Look-ups are sent so often, all that are due. */
const TURN_MS = 2;
/** Sessions come and go: those that are looked up are chosen anew so often. */
const CHOICE_MS = 2_000;
const CHOSEN = 200;
/** Kept connections: enough for 2,000 look-ups a second that wait 120 ms each. */
const AGENT = new Agent({ keepAlive: true, maxSockets: 256 });

/** Resolves when the server answers. */
export async function untilAnswers(url: string): Promise<void> {
  const endsAtMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < endsAtMs) {
    if ((await ask(`${url}/healthz`)).isGood) return;
    await sleep(20);
  }
  throw new Error(`Cannot ask ${url}: it does not answer`);
}

/** Sees to it that `Watcher` has its browser, before anything else takes time. */
export function ensureBrowser(): Promise<void> {
  return ensureRequirements({ of: "the bench", packages: ["chromium"] });
}

/** Its page is open in a browser, and its metrics are scraped each second. */
export class Watcher implements Asker {
  readonly counts = { answered: 0, failed: 0 };
  readonly #url: string;
  readonly #browser: Browser;
  #page: Page | null = null;
  #scraping: NodeJS.Timeout | undefined;

  private constructor(url: string, browser: Browser) {
    this.#url = url;
    this.#browser = browser;
  }

  /** With a browser that runs, but shows nothing yet. */
  static async open(url: string): Promise<Watcher> {
    return new Watcher(url, await chromium.launch(LAUNCH));
  }

  async begin(): Promise<void> {
    const { counts } = this;
    const page = await this.#browser.newPage();
    this.#page = page;
    page.on("response", () => counts.answered++);
    page.on("requestfailed", () => counts.failed++);
    await page.goto(this.#url);
    const scrape = async () => count(counts, await ask(`${this.#url}/metrics`));
    this.#scraping = setInterval(scrape, SCRAPE_MS);
  }

  async pause(): Promise<void> {
    clearInterval(this.#scraping);
    await this.#page?.close();
    this.#page = null;
  }

  async close(): Promise<void> {
    await this.pause();
    await this.#browser.close();
  }
}

/** Open sessions of some visit_ids are looked up, so many a second. */
export class LookUps implements Asker {
  readonly counts = { answered: 0, failed: 0 };
  readonly #url: string;
  readonly #perSecond: number;
  readonly #idsEach: number;
  #visitIds: readonly string[] = ["none"];
  #sending: NodeJS.Timeout | undefined;
  #choosing: NodeJS.Timeout | undefined;
  /** Sent, and not answered yet. */
  #waiting = 0;

  /** So many visit_ids a second, each in a request with so many others. */
  constructor(url: string, options: { perSecond: number; idsEach: number }) {
    this.#url = url;
    this.#perSecond = options.perSecond;
    this.#idsEach = options.idsEach;
  }

  async begin(): Promise<void> {
    await this.#choose();
    this.#choosing = setInterval(() => void this.#choose(), CHOICE_MS);
    const beganAtMs = performance.now();
    let due = 0;
    this.#sending = setInterval(() => {
      const seconds = (performance.now() - beganAtMs) / 1000;
      for (; due < seconds * this.#perSecond; due += this.#idsEach) {
        void this.#send(due);
      }
    }, TURN_MS);
  }

  async pause(): Promise<void> {
    clearInterval(this.#sending);
    clearInterval(this.#choosing);
    while (this.#waiting > 0) await sleep(TURN_MS);
  }

  async close(): Promise<void> {
    await this.pause();
  }

  async #send(due: number): Promise<void> {
    // What a slow server has not answered is not piled up: it shows as a lower rate.
    if (this.#waiting >= AGENT.maxSockets) return;
    this.#waiting++;
    const ids = Array.from({ length: this.#idsEach }, (_, i) =>
      encodeURIComponent(this.#visitIds[(due + i) % this.#visitIds.length]!),
    );
    const path =
      ids.length === 1
        ? `/sessions/${ids[0]}`
        : `/look-ups?${ids.map((id) => `visit_id=${id}`).join("&")}`;
    count(this.counts, await ask(`${this.#url}${path}`), ids.length);
    this.#waiting--;
  }

  async #choose(): Promise<void> {
    const path = `/sessions?order=latest&limit=${CHOSEN}`;
    const { isGood, body } = await ask(`${this.#url}${path}`);
    const { sessions } = isGood ? JSON.parse(body) : { sessions: [] };
    if (sessions.length === 0) return;
    this.#visitIds = sessions.map(({ visitId }: OpenSession) => visitId);
  }
}

/** What a question led to. */
export interface Answer {
  readonly isGood: boolean;
  readonly body: string;
}

/** Asks over a kept connection; never rejects. */
export async function ask(url: string): Promise<Answer> {
  try {
    const response = await answerTo(url);
    const body = await text(response);
    return { isGood: response.statusCode === 200, body };
  } catch {
    return { isGood: false, body: "" };
  }
}

/** Notes what a question led to, which was for so many. */
export function count(
  counts: { answered: number; failed: number },
  { isGood }: Answer,
  many = 1,
): void {
  if (isGood) counts.answered += many;
  else counts.failed += many;
}

function answerTo(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: AGENT }, resolve).on("error", reject);
  });
}
