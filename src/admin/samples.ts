import { wallClockMs } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { Refusal } from "../http/refusal.ts";
import type { LatencyDelta, RunState, RunView } from "../observe/run_view.ts";
import { History, type Trend } from "./history.ts";
import { LatencyViews } from "./latency_views.ts";

const SAMPLE_MS = 1_000;
/** How long a request waits for the main thread before it gets the last sample. */
const PATIENCE_MS = 1_000;
/** Nobody has asked for so long: latencies are taken less often. */
const QUIET_MS = 30_000;
const QUIET_SAMPLES = 5;

/** How a run stands, and where it is going. */
export interface Sample {
  readonly state: RunState;
  readonly trend: Trend;
}

/**
 * Asks a run how it stands, once a second, and keeps what the answers of HTTP are
 * made of: however many ask, the run is asked once.
 */
export class Samples {
  readonly history = new History();
  readonly #view: RunView;
  readonly #latencies: LatencyViews;
  #last: Sample | null = null;
  /** Wall clock of the last answer, and what became of the last question. */
  #takenAtMs: number;
  #failure = "it has not answered yet";
  #taking: Promise<void> | null = null;
  #latenciesAtMs = -Infinity;
  #takingLatencies: Promise<void> | null = null;
  #askedAtMs = -Infinity;
  #count = 0;
  #onLatencies: (deltas: readonly LatencyDelta[]) => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(view: RunView) {
    this.#view = view;
    this.#takenAtMs = wallClockMs();
    this.#latencies = new LatencyViews(this.#takenAtMs);
  }

  /** Begins to ask. */
  start(): void {
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), SAMPLE_MS);
  }

  /** `take` gets all latencies, each once. */
  onLatencies(take: (deltas: readonly LatencyDelta[]) => void): void {
    this.#onLatencies = take;
  }

  /** Asks no more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Since the run has answered last, ms. */
  get ageMs(): number {
    return wallClockMs() - this.#takenAtMs;
  }

  /**
   * How the run stands, a second ago at most; longer ago if it takes its time to
   * answer. Throws a `Refusal` before its first answer.
   */
  async fresh(): Promise<Sample> {
    this.#askedAtMs = wallClockMs();
    if (this.#last === null || this.ageMs > SAMPLE_MS) {
      await withinPatience(this.#take());
    }
    if (this.#last !== null) return this.#last;
    throw Refusal.unavailable(
      `Cannot see the run: ${this.#failure}, ask again in a second`,
    );
  }

  /** How the run stands now. Throws a `Refusal` before its first answer. */
  async now(): Promise<Sample> {
    await withinPatience(this.#take());
    return await this.fresh();
  }

  /** The latencies, up to a second ago at most if the run answers in time. */
  async latencies(): Promise<LatencyViews> {
    this.#askedAtMs = wallClockMs();
    if (this.#askedAtMs - this.#latenciesAtMs > SAMPLE_MS) {
      await withinPatience(this.#takeLatencies());
    }
    return this.#latencies;
  }

  /** Begins the span `reset` anew: what was recorded before is not in it. */
  async resetLatencies(): Promise<number> {
    // What is on its way may have been asked before.
    if (this.#takingLatencies !== null) {
      await withinPatience(this.#takingLatencies);
    }
    await withinPatience(this.#takeLatencies());
    const nowMs = wallClockMs();
    this.#latencies.reset(nowMs);
    return nowMs;
  }

  #tick(): void {
    this.#count++;
    void this.#take();
    const isQuiet = wallClockMs() - this.#askedAtMs > QUIET_MS;
    if (isQuiet && this.#count % QUIET_SAMPLES !== 0) return;
    void this.#takeLatencies();
  }

  /** Never rejects; asks once, however often it is called meanwhile. */
  #take(): Promise<void> {
    this.#taking ??= this.#view.state().then(
      (state) => {
        this.#taking = null;
        this.#takenAtMs = wallClockMs();
        this.history.add(state);
        this.#last = { state, trend: this.history.trend(state) };
      },
      (error: unknown) => {
        this.#taking = null;
        this.#failure = messageOf(error);
      },
    );
    return this.#taking;
  }

  #takeLatencies(): Promise<void> {
    this.#takingLatencies ??= this.#view.latencies().then(
      (deltas) => {
        this.#takingLatencies = null;
        this.#latenciesAtMs = wallClockMs();
        this.#latencies.add(deltas, this.#latenciesAtMs);
        this.#onLatencies(deltas);
      },
      () => {
        // The next question gets what this one would have brought.
        this.#takingLatencies = null;
      },
    );
    return this.#takingLatencies;
  }
}

async function withinPatience(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
