import uPlot from "uplot";
import { colour } from "./theme.ts";

const FONT = "12px system-ui, sans-serif";

/** A plot that is as wide as its element, in the colours of the theme. */
export class Chart {
  readonly #element: HTMLElement;
  readonly #optionsOf: () => Omit<uPlot.Options, "width" | "height">;
  #plot: uPlot;
  #data: uPlot.AlignedData;

  constructor(
    element: HTMLElement,
    options: {
      empty: uPlot.AlignedData;
      make(): Omit<uPlot.Options, "width" | "height">;
    },
  ) {
    this.#element = element;
    this.#optionsOf = options.make;
    this.#data = options.empty;
    this.#plot = this.#draw();
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(element);
  }

  /** Shows other data. */
  show(data: uPlot.AlignedData): void {
    this.#data = data;
    this.#plot.setData(data);
  }

  /** Draws all of it anew: colours or options are others. */
  renew(): void {
    this.#plot.destroy();
    this.#plot = this.#draw();
  }

  #draw(): uPlot {
    const options = {
      ...this.#optionsOf(),
      ...this.#size(),
      legend: { show: false },
    };
    return new uPlot(options, this.#data, this.#element);
  }

  #size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#element;
    return { width: Math.max(1, clientWidth), height: clientHeight };
  }
}

/** An axis as all plots have it. */
export function axis(options: uPlot.Axis): uPlot.Axis {
  const grid = { stroke: colour("line-soft"), width: 1 };
  const line = { stroke: colour("line"), width: 1, size: 4 };
  return {
    stroke: colour("dim"),
    font: FONT,
    grid,
    ticks: line,
    gap: 4,
    ...options,
  };
}

/** From 0 to a little above the highest value. */
export function fromZero(
  _plot: uPlot,
  _min: number | null,
  max: number | null,
): [number, number] {
  return [0, max === null || max <= 0 ? 1 : max * 1.08];
}

/** A colour of page.css, less dense. */
export function faded(name: string, percent: number): string {
  return `color-mix(in srgb, ${colour(name)} ${percent}%, transparent)`;
}
