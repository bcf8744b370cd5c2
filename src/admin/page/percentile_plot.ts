import uPlot from "uplot";
import { axis, Chart, fromZero } from "./chart.ts";
import { byId } from "./dom.ts";
import { axisText } from "./format.ts";
import type { Latencies } from "./shapes.ts";
import { colour } from "./theme.ts";

/** Percentiles that have a line, one decade of rarity after the other. */
const TICKS = [0, 90, 99, 99.9, 99.99, 99.999];
const DECADES_MAX = 5.15;

/** How rare values above a percentile are, in decades: 99 % is 2. */
function decadesOf(percentile: number): number {
  return Math.log10(1 / (1 - percentile / 100));
}

/**
 * A line over decades of rarity. It ends where one value is left: beyond,
 * percentiles say nothing but the highest value.
 */
export function lineOf({
  points,
  count,
  maxMs,
}: Latencies): [number[], number[]] {
  const x: number[] = [];
  const y: number[] = [];
  if (count === 0) return [x, y];
  const last = Math.min(Math.log10(count), DECADES_MAX);
  for (const [percentile, ms] of points) {
    const decades = decadesOf(percentile);
    if (decades > last) break;
    // Two percentiles of one place would be two values of it.
    if (decades === x.at(-1)) y.pop();
    else x.push(decades);
    y.push(ms);
  }
  if (last < DECADES_MAX && last > (x.at(-1) ?? -1)) {
    x.push(last);
    y.push(maxMs);
  }
  return [x, y];
}

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
          splits: TICKS.map(decadesOf),
          values: () => TICKS.map((percentile) => `${percentile} %`),
        }),
        axis({
          scale: "ms",
          size: 56,
          values: (_plot, values) =>
            values.map((ms) => (ms === null ? "" : `${axisText(ms)} ms`)),
        }),
      ],
      series: [
        {},
        series("two"),
        series("one"),
        series("three", { dash: [6, 4] }),
      ],
    };
  }
}
