import { ConnectionLost, getJson, Refused, TokenNeeded } from "./api.ts";
import { Connection, type LastAnswer } from "./connection.ts";
import { showHeader } from "./header.ts";
import { LatencyPanel } from "./latency_panel.ts";
import { LookUp } from "./look_up.ts";
import { Outcomes } from "./outcomes.ts";
import { Partitions } from "./partitions.ts";
import type { HistoryJson, StateJson } from "./shapes.ts";
import { Shards } from "./shards.ts";
import { applyTheme, startTheme } from "./theme.ts";
import { Throughput } from "./throughput.ts";
import { Tiles } from "./tiles.ts";
import { TokenForm } from "./token_form.ts";

const POLL_MS = 1_000;
/** Latencies cost more than the rest: they come with each second poll. */
const SLOW_EVERY = 2;

/** Asks the server how the run stands, once a second, and shows it. */
class Page {
  readonly #connection = new Connection();
  readonly #tokenForm = new TokenForm(() => this.#pollNow());
  readonly #tiles = new Tiles();
  readonly #partitions = new Partitions();
  readonly #shards = new Shards();
  readonly #outcomes = new Outcomes();
  readonly #throughput = new Throughput();
  readonly #latency = new LatencyPanel();
  readonly #lookUp = new LookUp();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #polls = 0;
  /** Begin of the run that is shown, and of the one whose sessions are. */
  #startedAtMs: number | null = null;
  #lookedIntoMs: number | null = null;
  #lastAnswer: LastAnswer | null = null;
  #isPolling = false;

  start(): void {
    startTheme(() => {
      this.#throughput.renew();
      this.#latency.renew();
    });
    // What scrolls must be reached by keys too.
    for (const element of document.querySelectorAll<HTMLElement>(".scroll")) {
      element.tabIndex = 0;
    }
    // Who does not look costs nothing.
    document.addEventListener("visibilitychange", () => this.#pollNow());
    this.#pollNow();
  }

  #pollNow(): void {
    clearTimeout(this.#timer);
    if (document.hidden || this.#isPolling) return;
    this.#isPolling = true;
    this.#poll()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#isPolling = false;
        if (this.#tokenForm.isShown) return;
        this.#timer = setTimeout(() => this.#pollNow(), POLL_MS);
      });
  }

  async #poll(): Promise<void> {
    const state = await getJson<StateJson>("state");
    const isFirst = state.startedAtMs !== this.#startedAtMs;
    if (isFirst) this.#throughput.clear();
    const since = this.#throughput.newestMs;
    const history = await getJson<HistoryJson>(`history?since=${since}`);
    this.#lastAnswer = { serverMs: state.nowMs, browserMs: Date.now() };
    this.#connection.live();
    this.#tokenForm.hide();
    this.#show(state);
    this.#throughput.add(history);
    this.#startedAtMs = state.startedAtMs;
    // Before, there is nobody who could tell of open sessions.
    if (state.phase === "running" && this.#lookedIntoMs !== state.startedAtMs) {
      this.#lookedIntoMs = state.startedAtMs;
      this.#lookUp.start();
    }
    if (isFirst || this.#polls % SLOW_EVERY === 0) await this.#pollSlow();
    this.#polls++;
  }

  async #pollSlow(): Promise<void> {
    await Promise.all([this.#latency.refresh(), this.#lookUp.refresh()]);
  }

  #show(state: StateJson): void {
    showHeader(state);
    this.#tiles.show(state);
    this.#partitions.show(state);
    this.#shards.show(state);
    this.#outcomes.show(state);
    this.#latency.setJob(state);
  }

  #failed(error: unknown): void {
    if (error instanceof TokenNeeded) {
      this.#connection.waiting("waits for the token");
      this.#tokenForm.show();
      return;
    }
    const isExpected =
      error instanceof ConnectionLost || error instanceof Refused;
    const why = error instanceof Refused ? withoutStop(error.message) : null;
    this.#connection.lost(this.#lastAnswer, why);
    // A fault of this page belongs into the browser's console.
    if (!isExpected) throw error;
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}

applyTheme();
document.addEventListener("DOMContentLoaded", () => new Page().start());
