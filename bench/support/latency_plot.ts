/** A line of a plot: latency by percentile. */
export interface LatencyLine {
  readonly name: string;
  /** Percentile, 0 to below 100, and latency in ms, ascending. */
  readonly points: readonly (readonly [number, number])[];
}

/** Lines over axes of their own, with a title. */
export interface LatencyPanel {
  readonly title: string;
  readonly lines: readonly LatencyLine[];
}

const WIDTH = 760;
const PANEL_HEIGHT = 380;
const LEFT = 80;
const RIGHT = 130;
const TOP = 50;
const BOTTOM = 55;
const LEGEND_LINE = 20;
const PERCENTILES = [0, 50, 90, 99, 99.9, 99.99];
const DECADES = 4.1;
const MS_TICKS = [0.1, 1, 10, 100, 1000, 10_000];
const COLOURS = ["#1b6ca8", "#d1495b", "#2e933c", "#8d5a97", "#c77d0a"];

/** Panels one below the other, all axes logarithmic, as an SVG document. */
export function latencyPlot(panels: readonly LatencyPanel[]): string {
  const height = PANEL_HEIGHT * panels.length;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    "<title>Latency by percentile</title>",
    `<rect width="100%" height="100%" fill="white"/>`,
    ...panels.map(panelOf),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function panelOf({ title, lines }: LatencyPanel, index: number): string {
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  return [
    `<g transform="translate(0 ${index * PANEL_HEIGHT})">`,
    `<text x="${LEFT}" y="30" font-size="15">${title}</text>`,
    ...PERCENTILES.map(percentileTick),
    ...MS_TICKS.map(msTick),
    `<text x="${middle}" y="${PANEL_HEIGHT - 14}" text-anchor="middle">percentile</text>`,
    ...lines.map(lineOf),
    "</g>",
  ].join("\n");
}

function xOf(percentile: number): number {
  const decades = -Math.log10(1 - percentile / 100);
  return LEFT + (decades / DECADES) * (WIDTH - LEFT - RIGHT);
}

function yOf(ms: number): number {
  const [low, high] = [Math.log10(MS_TICKS[0]!), Math.log10(MS_TICKS.at(-1)!)];
  const share = (Math.log10(ms) - low) / (high - low);
  const inside = Math.min(1, Math.max(0, share));
  return PANEL_HEIGHT - BOTTOM - inside * (PANEL_HEIGHT - TOP - BOTTOM);
}

function percentileTick(percentile: number): string {
  const x = xOf(percentile).toFixed(1);
  const bottom = PANEL_HEIGHT - BOTTOM;
  return (
    `<line x1="${x}" x2="${x}" y1="${TOP}" y2="${bottom}" stroke="#ddd"/>` +
    `<text x="${x}" y="${bottom + 18}" text-anchor="middle">${percentile} %</text>`
  );
}

function msTick(ms: number): string {
  const y = yOf(ms).toFixed(1);
  return (
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}" stroke="#ddd"/>` +
    `<text x="${LEFT - 6}" y="${y}" dy="4" text-anchor="end">${ms} ms</text>`
  );
}

/** A line, and its entry in the legend: ends of lines may lie together. */
function lineOf({ name, points }: LatencyLine, index: number): string {
  const colour = COLOURS[index % COLOURS.length]!;
  const places = points.map(
    ([percentile, ms]) => `${xOf(percentile).toFixed(1)},${yOf(ms).toFixed(1)}`,
  );
  const legendY = TOP + 10 + index * LEGEND_LINE;
  return (
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${places.join(" ")}"/>` +
    `<text x="${WIDTH - RIGHT + 12}" y="${legendY}" fill="${colour}">${name}</text>`
  );
}
