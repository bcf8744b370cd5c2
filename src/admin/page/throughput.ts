import type uPlot from "uplot";
import { countText } from "../../observe/number_text.ts";
import { axis, Chart, faded, fromZero } from "./chart.ts";
import { byId, make, setText } from "./dom.ts";
import { axisText, clockText } from "./format.ts";
import { type Column, meansOf } from "./means.ts";
import type { HistoryJson } from "./shapes.ts";
import { colour } from "./theme.ts";

const SPAN_SEC = 600;
/** A run that has just begun fills the plot sooner. */
const SPAN_SEC_MIN = 60;
/** So many samples have a place each; more are drawn as means of 5 s. */
const SINGLE_MAX = 150;
const MEAN_SEC = 5;

/** Visits and sessions a second over the last 10 minutes. */
export class Throughput {
  #newestMs = 0;
  #times: number[] = [];
  #visits: Column = [];
  #sessions: Column = [];
  #drawn: ReturnType<typeof meansOf> = { times: [], columns: [[], []] };
  readonly #chart: Chart;
  readonly #visitsText = make("b");
  readonly #sessionsText = make("b");
  readonly #atText = make("span");

  constructor() {
    byId("throughput-legend").replaceChildren(
      this.#atText,
      make("span", {}, key("one"), "visits/s ", this.#visitsText),
      make("span", {}, key("two"), "sessions/s ", this.#sessionsText),
    );
    this.#chart = new Chart(byId("throughput"), {
      empty: [[], [], []],
      make: () => this.#options(),
    });
  }

  /** Time of the newest sample, ms; 0 for none. */
  get newestMs(): number {
    return this.#newestMs;
  }

  /** Adds samples behind those that are there. */
  add({ atMs, visitsPerSecond, sessionsPerSecond }: HistoryJson): void {
    atMs.forEach((ms, i) => {
      if (ms <= this.#newestMs) return;
      this.#newestMs = ms;
      this.#times.push(ms / 1000);
      this.#visits.push(visitsPerSecond[i] ?? null);
      this.#sessions.push(sessionsPerSecond[i] ?? null);
    });
    const first = this.#times.at(-1)! - SPAN_SEC;
    const gone = this.#times.findIndex((time) => time >= first);
    for (const column of [this.#times, this.#visits, this.#sessions]) {
      column.splice(0, Math.max(0, gone));
    }
    const all = {
      times: this.#times,
      columns: [this.#visits, this.#sessions],
    };
    const isMany = this.#times.length > SINGLE_MAX;
    this.#drawn = isMany ? meansOf(all, MEAN_SEC) : all;
    this.#chart.show([this.#drawn.times, ...this.#drawn.columns]);
    this.#showValues(null);
  }

  /** Forgets all: it is another run. */
  clear(): void {
    this.#newestMs = 0;
    this.#times = [];
    this.#visits = [];
    this.#sessions = [];
  }

  /** Draws in other colours. */
  renew(): void {
    this.#chart.renew();
  }

  /** Those under the cursor, else the newest. */
  #showValues(place: number | null): void {
    const { times, columns } = this.#drawn;
    const at = place ?? times.length - 1;
    const [visits, sessions] = columns.map((column) => {
      const value = column[at] ?? null;
      return value === null ? "–" : countText(value);
    });
    setText(this.#visitsText, visits!);
    setText(this.#sessionsText, sessions!);
    const time = times[at];
    const isChosen = place !== null && time !== undefined;
    setText(this.#atText, isChosen ? `at ${clockText(time * 1000)}` : "");
  }

  #options(): Omit<uPlot.Options, "width" | "height"> {
    const timesText = (_plot: uPlot, times: number[]) =>
      times.map((time) => clockText(time * 1000));
    const ratesText = (_plot: uPlot, rates: number[]) => rates.map(axisText);
    return {
      cursor: { y: false, drag: { x: false, y: false } },
      hooks: {
        setCursor: [(plot) => this.#showValues(plot.cursor.idx ?? null)],
      },
      scales: {
        x: {
          range: (_plot, min, max) => {
            const end = max ?? SPAN_SEC_MIN;
            return [Math.min(min ?? 0, end - SPAN_SEC_MIN), end];
          },
        },
        visits: { range: fromZero },
        sessions: { range: fromZero },
      },
      axes: [
        axis({ values: timesText, space: 72, size: 30 }),
        axis({ scale: "visits", values: ratesText, size: 48 }),
        axis({
          scale: "sessions",
          side: 1,
          values: ratesText,
          size: 44,
          grid: { show: false },
        }),
      ],
      series: [
        {},
        {
          scale: "visits",
          stroke: colour("one"),
          fill: faded("one", 12),
          width: 1.5,
          points: { show: false },
        },
        {
          scale: "sessions",
          stroke: colour("two"),
          width: 1.5,
          points: { show: false },
        },
      ],
    };
  }
}

function key(name: string): HTMLElement {
  return make("i", { class: `key ${name}` });
}
