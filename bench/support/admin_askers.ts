import { Agent, get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import type { OpenSession } from "../../src/observe/run_view.ts";
import { LAUNCH } from "../../test/admin/page/browser.ts";

/** `page`: a browser and a scraper; `lookups`: sessions of some visit_ids. */
export type AskerName = "page" | "lookups";

/** Answers that came, and questions that got none. */
interface Counts {
  answered: number;
  failed: number;
}

/** Somebody who asks an admin server. */
export interface Asker {
  /** Ends it; what is called again gives the same counts. */
  stop(): Promise<Readonly<Counts>>;
}

const READY_TIMEOUT_MS = 20_000;
const SCRAPE_MS = 1_000;
/** Look-ups are sent so often, all that are due. */
const TURN_MS = 2;
/** Sessions come and go: those that are looked up are chosen anew so often. */
const CHOICE_MS = 2_000;
const CHOSEN = 200;
/** Kept connections, enough for 2,000 look-ups a second that wait 30 ms each. */
const AGENT = new Agent({ keepAlive: true, maxSockets: 64 });

/** Waits until the server answers, and begins to ask. */
export async function startAsker(
  name: AskerName,
  options: { readonly url: string; readonly lookupsPerSecond: number },
): Promise<Asker> {
  const { url, lookupsPerSecond } = options;
  await answers(url);
  if (name === "page") return await watch(url);
  return await lookUp(url, lookupsPerSecond);
}

async function answers(url: string): Promise<void> {
  const endsAtMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < endsAtMs) {
    if ((await ask(`${url}/healthz`, { answered: 0, failed: 0 })) !== "")
      return;
    await sleep(20);
  }
  throw new Error(`Cannot ask ${url}: it does not answer`);
}

async function watch(url: string): Promise<Asker> {
  const browser = await chromium.launch(LAUNCH);
  const page = await browser.newPage();
  const counts: Counts = { answered: 0, failed: 0 };
  page.on("response", () => counts.answered++);
  page.on("requestfailed", () => counts.failed++);
  await page.goto(url);
  const scraping = setInterval(
    () => void ask(`${url}/metrics`, counts),
    SCRAPE_MS,
  );
  return {
    async stop() {
      clearInterval(scraping);
      await browser.close();
      return counts;
    },
  };
}

async function lookUp(url: string, perSecond: number): Promise<Asker> {
  const counts = { answered: 0, failed: 0 };
  const choice = await Choice.make(url);
  const beganAtMs = performance.now();
  let sent = 0;
  const sending = setInterval(() => {
    const due = ((performance.now() - beganAtMs) / 1000) * perSecond;
    for (; sent < due; sent++) {
      const path = `/sessions/${encodeURIComponent(choice.visitId(sent))}`;
      void ask(`${url}${path}`, counts);
    }
  }, TURN_MS);
  return {
    async stop() {
      clearInterval(sending);
      choice.end();
      return counts;
    },
  };
}

/** Counts what comes of it; "" where nothing does. */
async function ask(url: string, counts: Counts): Promise<string> {
  try {
    const response = await answerTo(url);
    const body = await text(response);
    if (response.statusCode === 200) counts.answered++;
    else counts.failed++;
    return body;
  } catch {
    counts.failed++;
    return "";
  }
}

function answerTo(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: AGENT }, resolve).on("error", reject);
  });
}

/** Which sessions are looked up: open ones, chosen anew now and then. */
class Choice {
  readonly #url: string;
  readonly #choosing: NodeJS.Timeout;
  #visitIds: readonly string[] = ["none"];

  private constructor(url: string) {
    this.#url = `${url}/sessions?order=latest&limit=${CHOSEN}`;
    this.#choosing = setInterval(() => void this.#choose(), CHOICE_MS);
  }

  static async make(url: string): Promise<Choice> {
    const choice = new Choice(url);
    await choice.#choose();
    return choice;
  }

  visitId(n: number): string {
    return this.#visitIds[n % this.#visitIds.length]!;
  }

  end(): void {
    clearInterval(this.#choosing);
  }

  async #choose(): Promise<void> {
    const body = await ask(this.#url, { answered: 0, failed: 0 });
    const { sessions = [] } = body.startsWith("{") ? JSON.parse(body) : {};
    if (sessions.length === 0) return;
    this.#visitIds = sessions.map(({ visitId }: OpenSession) => visitId);
  }
}
