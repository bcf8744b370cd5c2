import { setTimeout as sleep } from "node:timers/promises";
import autocannon, { type Client, type Request } from "autocannon";
import {
  LatencyHistogram,
  type Percentiles,
} from "../../src/observe/latency.ts";
import { cpuSecondsOf } from "./process_clock.ts";

/** What autocannon is to stop at, long after we have stopped it, s. */
const LONGEST_SECONDS = 3_600;
const TICK_MS = 1;
/** How long answers are waited for at the end, ms. */
const DRAIN_MS = 10_000;

/** A load of HTTP requests on one server. */
export interface HttpLoad {
  readonly url: string;
  /** Process id of the server. */
  readonly pid: number;
  readonly connections: number;
  /** Requests a second over all connections; null for as many as possible. */
  readonly rate: number | null;
  readonly requests: readonly Request[];
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What came of a load, without its first seconds. */
export interface HttpFigures {
  readonly requestsPerSecond: number;
  /**
   * From when a request was due to the end of its answer; at full speed it is due
   * when the answer before it has come.
   */
  readonly latency: Percentiles;
  /** From when a request was due until it was sent. */
  readonly sendLateness: Percentiles;
  /** What autocannon says itself, from when a request was sent, whole ms. */
  readonly autocannon: { readonly p50Ms: number; readonly p99Ms: number };
  /** Of the server's process, all threads. */
  readonly cpuMicrosARequest: number;
  /** Cores that it used. */
  readonly cores: number;
  /** Answers by status, and requests without one; from the start on. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly errors: number;
}

/** Puts a load on a server, and waits for all answers at the end. */
export async function runHttpLoad(load: HttpLoad): Promise<HttpFigures> {
  const pacer = new Pacer(load);
  const { url, connections, requests } = load;
  const instance = autocannon({
    ...{ url, connections, requests, duration: LONGEST_SECONDS },
    // Without a rate of its own it corrects nothing: latencies are recorded here.
    sampleInt: 100,
    setupClient: (client) => pacer.adopt(client),
  });
  await sleep(load.warmUpSeconds * 1000);
  pacer.measure();
  const cpuBefore = cpuSecondsOf(load.pid);
  const beganAtMs = performance.now();
  await sleep(load.seconds * 1000);
  const seconds = (performance.now() - beganAtMs) / 1000;
  const cpuSeconds = cpuSecondsOf(load.pid) - cpuBefore;
  const { latency, sendLateness } = pacer.measured();
  await pacer.stop();
  instance.stop();
  const { errors, timeouts, latency: theirs } = await instance;
  const { count } = latency;
  return {
    requestsPerSecond: count / seconds,
    latency,
    sendLateness,
    autocannon: { p50Ms: theirs.p50, p99Ms: theirs.p99 },
    cpuMicrosARequest: (cpuSeconds * 1e6) / count,
    cores: cpuSeconds / seconds,
    statuses: Object.fromEntries(pacer.statuses),
    errors: errors + timeouts,
  };
}

/** A connection, and when its next or present request is due, ms. */
interface Lane {
  readonly send: () => void;
  dueAtMs: number;
  isWaiting: boolean;
}

/**
 * Sends each request when it is due: autocannon's own rate sends those of a
 * second in one burst. The connections take turns, so each has its own due times,
 * and a late answer makes the requests behind it late, not fewer.
 */
class Pacer {
  readonly statuses = new Map<number, number>();
  readonly #rate: number | null;
  readonly #connections: number;
  readonly #lanes: Lane[] = [];
  readonly #startMs = performance.now();
  #latency = new LatencyHistogram();
  #sendLateness = new LatencyHistogram();
  #isStopped = false;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ rate, connections }: HttpLoad) {
    this.#rate = rate;
    this.#connections = connections;
    if (rate !== null) this.#tick();
  }

  /** Takes over from autocannon when a connection sends. */
  adopt(client: Client): void {
    const { _doRequest } = client;
    const intervalMs = this.#intervalMs;
    const offset = this.#lanes.length / this.#connections;
    const dueAtMs = this.#startMs + offset * intervalMs - intervalMs;
    const send = () => _doRequest.call(client);
    const lane: Lane = { send, dueAtMs, isWaiting: false };
    this.#lanes.push(lane);
    client.on("response", (status: number) => {
      this.#answered(lane, status);
    });
    client._doRequest = () => {
      if (this.#isStopped) return;
      const nowMs = performance.now();
      lane.dueAtMs = this.#rate === null ? nowMs : lane.dueAtMs + intervalMs;
      if (lane.dueAtMs <= nowMs) this.#send(lane);
      else lane.isWaiting = true;
    };
  }

  /** Begins to record. */
  measure(): void {
    this.#latency = new LatencyHistogram();
    this.#sendLateness = new LatencyHistogram();
  }

  measured(): { latency: Percentiles; sendLateness: Percentiles } {
    return {
      latency: this.#latency.percentiles(),
      sendLateness: this.#sendLateness.percentiles(),
    };
  }

  /** Sends nothing more; resolves when all answers are there. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const endMs = performance.now() + DRAIN_MS;
    while (this.#underWay > 0 && performance.now() < endMs) await sleep(10);
  }

  get #intervalMs(): number {
    return this.#rate === null ? 0 : (1000 * this.#connections) / this.#rate;
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const lane of this.#lanes) {
      if (lane.isWaiting && lane.dueAtMs <= nowMs) this.#send(lane);
    }
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  #send(lane: Lane): void {
    lane.isWaiting = false;
    this.#underWay++;
    this.#sendLateness.record(performance.now() - lane.dueAtMs);
    lane.send();
  }

  #answered(lane: Lane, status: number): void {
    this.#underWay--;
    this.#latency.record(performance.now() - lane.dueAtMs);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }
}
