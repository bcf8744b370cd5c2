/** A line of a plot: latency by percentile. */
export interface LatencyLine {
  readonly name: string;
  /** Percentile, 0 to below 100, and latency in ms, ascending. */
  readonly points: readonly (readonly [number, number])[];
}

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 130;
const TOP = 50;
const BOTTOM = 50;
const PERCENTILES = [0, 50, 90, 99, 99.9, 99.99];
const DECADES = 4.2;
const MS_TICKS = [0.1, 1, 10, 100, 1000, 10_000];
const COLOURS = ["#1b6ca8", "#d1495b", "#2e933c", "#8d5a97", "#c77d0a"];

/** Latencies over percentiles, both axes logarithmic, as an SVG document. */
export function latencyPlot(
  title: string,
  lines: readonly LatencyLine[],
): string {
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${LEFT}" y="28" font-size="15">${title}</text>`,
    ...PERCENTILES.map(percentileTick),
    ...MS_TICKS.map(msTick),
    ...lines.map(lineOf),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function xOf(percentile: number): number {
  const decades = -Math.log10(1 - percentile / 100);
  return LEFT + (decades / DECADES) * (WIDTH - LEFT - RIGHT);
}

function yOf(ms: number): number {
  const [low, high] = [Math.log10(MS_TICKS[0]!), Math.log10(MS_TICKS.at(-1)!)];
  const share = (Math.log10(Math.max(ms, MS_TICKS[0]!)) - low) / (high - low);
  return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}

function percentileTick(percentile: number): string {
  const x = xOf(percentile).toFixed(1);
  return (
    `<line x1="${x}" x2="${x}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>` +
    `<text x="${x}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${percentile} %</text>`
  );
}

function msTick(ms: number): string {
  const y = yOf(ms).toFixed(1);
  return (
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#ddd"/>` +
    `<text x="${LEFT - 6}" y="${y}" dy="4" text-anchor="end">${ms} ms</text>`
  );
}

function lineOf({ name, points }: LatencyLine, index: number): string {
  const colour = COLOURS[index % COLOURS.length]!;
  const places = points.map(
    ([percentile, ms]) => `${xOf(percentile).toFixed(1)},${yOf(ms).toFixed(1)}`,
  );
  const [x, y] = places.at(-1)?.split(",") ?? [LEFT, TOP];
  return (
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${places.join(" ")}"/>` +
    `<text x="${x}" y="${y}" dx="6" dy="4" fill="${colour}">${name}</text>`
  );
}
