import uPlot from "uplot";
import { latencyText } from "../../observe/number_text.ts";
import { axis, Chart, faded, fromZero } from "./chart.ts";
import { DECADES_MAX, decadesOf, lineOf, TICKS, tickText } from "./curve.ts";
import { byId } from "./dom.ts";
import type { Latencies } from "./shapes.ts";
import { colour } from "./theme.ts";

/** Latency by percentile: last minute, since reset, and a file. */
export class PercentilePlot {
  readonly #chart: Chart;
  #isLogarithmic = false;

  constructor() {
    this.#chart = new Chart(byId("latency-plot"), {
      empty: [[], [], [], []],
      make: () => this.#options(),
    });
  }

  /** Shows these lines; null for none. */
  show(lines: readonly (Latencies | null)[]): void {
    const tables = lines.map(
      (line): uPlot.AlignedData => (line === null ? [[], []] : lineOf(line)),
    );
    this.#chart.show(uPlot.join(tables));
  }

  /** Draws milliseconds by decade, or from 0. */
  setLogarithmic(isLogarithmic: boolean): void {
    this.#isLogarithmic = isLogarithmic;
    this.renew();
  }

  /** Draws in other colours. */
  renew(): void {
    this.#chart.renew();
  }

  #options(): Omit<uPlot.Options, "width" | "height"> {
    const series = (name: string, more: Partial<uPlot.Series> = {}) => ({
      scale: "ms",
      stroke: colour(name),
      width: 2,
      spanGaps: true,
      points: { show: false },
      ...more,
    });
    return {
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: [0, DECADES_MAX] },
        ms: this.#isLogarithmic ? { distr: 3 } : { range: fromZero },
      },
      axes: [
        axis({
          size: 30,
          splits: TICKS.map(decadesOf),
          values: ({ width }) => TICKS.map((at) => tickText(at, width)),
        }),
        axis({
          scale: "ms",
          size: 56,
          values: (_plot, values) =>
            values.map((ms) => (ms === null ? "" : latencyText(ms))),
        }),
      ],
      series: [
        {},
        // Wide and pale, so that the last minute is seen upon it.
        series("two", { width: 6, stroke: faded("two", 45) }),
        series("one"),
        series("three", { dash: [6, 4] }),
      ],
    };
  }
}
