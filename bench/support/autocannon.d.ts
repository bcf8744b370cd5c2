// What the benches use of it: the package has no types of its own.
declare module "autocannon" {
  import type { EventEmitter } from "node:events";

  /** A connection. `_doRequest` sends the next request on it. */
  export interface Client extends EventEmitter {
    _doRequest(): void;
  }

  export interface Request {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }

  export interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly requests: readonly Request[];
    readonly setupClient: (client: Client) => void;
    /** How often it looks whether it is to stop, ms. */
    readonly sampleInt: number;
  }

  export interface Result {
    readonly errors: number;
    readonly timeouts: number;
    /** Whole ms. */
    readonly latency: Readonly<Record<"p50" | "p99", number>>;
  }

  interface Instance extends PromiseLike<Result> {
    stop(): void;
  }

  export default function autocannon(options: Options): Instance;
}
