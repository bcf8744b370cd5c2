import { type Asker, LookUps, Watcher } from "./admin_askers.ts";
import { PagePoller } from "./page_poller.ts";

/** visit_ids of a request that asks for many. */
const IDS_EACH = 50;

/** Who asks in a turn. */
export const WHO = [
  "nobody",
  "page and /metrics",
  "the same, not drawn",
  "look-ups",
  "look-ups, 50 a request",
] as const;
/** One of them. */
export type Who = (typeof WHO)[number];

/** Those who ask, one after the other, the runs through. */
export class AskersInTurn {
  readonly #url: string;
  readonly #page: Watcher;
  readonly #lookUps: LookUps;
  readonly #together: LookUps;
  /** Made in the first run: what it asks is noted of a page of that run. */
  #poller: PagePoller | null = null;

  private constructor(url: string, page: Watcher, perSecond: number) {
    this.#url = url;
    this.#page = page;
    this.#lookUps = new LookUps(url, { perSecond, idsEach: 1 });
    this.#together = new LookUps(url, { perSecond, idsEach: IDS_EACH });
  }

  /** At the admin server of this URL; so many look-ups a second. */
  static async open(url: string, perSecond: number): Promise<AskersInTurn> {
    return new AskersInTurn(url, await Watcher.open(url), perSecond);
  }

  /** Each run begins with another of them: a short one has few turns. */
  async order(run: number): Promise<readonly (readonly [Who, Asker | null])[]> {
    this.#poller ??= await PagePoller.open(this.#url);
    const askers = [
      ["page and /metrics", this.#page],
      ["the same, not drawn", this.#poller],
      ["look-ups", this.#lookUps],
      ["look-ups, 50 a request", this.#together],
    ] as const;
    const first = run % askers.length;
    const turned = [...askers.slice(first), ...askers.slice(0, first)];
    return turned.flatMap((asker) => [["nobody", null], asker] as const);
  }

  async close(): Promise<void> {
    await this.#page.close();
    await this.#poller?.close();
    await this.#lookUps.close();
    await this.#together.close();
  }
}
