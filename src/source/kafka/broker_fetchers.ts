import { BrokerFetcher, type BrokerFetcherOptions } from "./broker_fetcher.ts";

/** Answers of each broker that may be held at the least. */
const FRAMES_MIN = 4;

/** What the fetchers of all brokers work with. */
export interface BrokerFetchersOptions
  extends Omit<BrokerFetcherOptions, "node" | "framesMax"> {
  /** Answers of all brokers that may be held at a time, if that is enough. */
  readonly framesMax: number;
}

/** A fetcher for each broker that leads partitions, or did. */
export class BrokerFetchers {
  readonly #options: BrokerFetchersOptions;
  readonly #fetchers = new Map<number, BrokerFetcher>();

  constructor(options: BrokerFetchersOptions) {
    this.#options = options;
  }

  /** Begins to fetch from the broker, unless that has begun before. */
  start(node: number): void {
    if (this.#fetchers.has(node)) return;
    const framesMax = () => this.#framesMax;
    const fetcher = new BrokerFetcher({ ...this.#options, node, framesMax });
    this.#fetchers.set(node, fetcher);
    fetcher.run();
  }

  /** To be called when partitions may have become fetchable. */
  wake(): void {
    for (const fetcher of this.#fetchers.values()) fetcher.wake();
  }

  /** Sends nothing any more. */
  stop(): void {
    for (const fetcher of this.#fetchers.values()) fetcher.stop();
  }

  /** Each broker's share. */
  get #framesMax(): number {
    const share = this.#options.framesMax / this.#fetchers.size;
    return Math.max(FRAMES_MIN, Math.ceil(share));
  }
}
