import { latencyText } from "../observe/number_text.ts";
import { visibleText } from "../observe/visible_text.ts";

/** A line of a plot: latency by percentile. */
export interface LatencyLine {
  readonly name: string;
  /** Percentile, 0 to below 100, and latency in ms, ascending. */
  readonly points: readonly (readonly [number, number])[];
  readonly maxMs: number;
}

/** Lines over axes of their own, with a title. */
export interface LatencyPanel {
  readonly title: string;
  readonly lines: readonly LatencyLine[];
}

const WIDTH = 860;
const LEFT = 76;
const RIGHT = 40;
const TOP = 46;
const PLOT_HEIGHT = 300;
/** From the axis to the legend. */
const BELOW = 52;
const LEGEND_LINE = 20;
const NOTE_LINE = 18;
const NAME_MAX = 90;
const STYLE = `
  :root { color-scheme: light dark; --ink: #1d2430; --soft: #5c6675; --grid: #dde1e7; --paper: #ffffff;
    --c0: #1b6ca8; --c1: #c8364b; --c2: #1f7a34; --c3: #8342a0; --c4: #a65f00; --c5: #00757d; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e7eaf0; --soft: #9aa5b5; --grid: #333b48; --paper: #14181f;
      --c0: #63b1ec; --c1: #ff7d8d; --c2: #69cf80; --c3: #cf94ea; --c4: #f0aa4b; --c5: #4fcbd4; }
  }
  svg { background: var(--paper); }
  text { fill: var(--ink); font: 12px system-ui, sans-serif; }
  .title { font-size: 15px; font-weight: 600; }
  .soft { fill: var(--soft); }
  .grid { stroke: var(--grid); }
  polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }`;
const COLOURS = 6;
/** Lines of the same colour differ in these. */
const DASHES = ["", "6 3", "2 3"];

/** The scale of a panel: both axes are logarithmic. */
interface Scale {
  /** Factors of ten in what is left above the percentile. */
  readonly decades: number;
  /** Powers of ten, ms. */
  readonly low: number;
  readonly high: number;
}

/**
 * Panels one below the other as an SVG document, in the colours of the reader's
 * system. `notes` stand below: on what it was measured, for one.
 */
export function latencyPlot(
  panels: readonly LatencyPanel[],
  notes: readonly string[] = [],
): string {
  let height = 0;
  const drawn = panels.map((panel) => {
    const text = `<g transform="translate(0 ${height})">\n${panelOf(panel)}\n</g>`;
    height += TOP + PLOT_HEIGHT + BELOW + panel.lines.length * LEGEND_LINE + 16;
    return text;
  });
  const noteLines = notes.map(
    (note, i) =>
      `<text class="soft" x="${LEFT}" y="${height + 8 + i * NOTE_LINE}">${drawnText(note)}</text>`,
  );
  height += notes.length * NOTE_LINE + 8;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    "<title>Latency by percentile</title>",
    `<style>${STYLE}\n</style>`,
    `<rect width="100%" height="100%" style="fill: var(--paper)"/>`,
    ...drawn,
    ...noteLines,
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** Text as it may stand in XML and HTML. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Text of a line, which may be of others: XML has no control characters. */
function drawnText(text: string): string {
  return escapeXml(visibleText(text));
}

function panelOf({ title, lines }: LatencyPanel): string {
  const scale = scaleOf(lines);
  const middle = (LEFT + WIDTH - RIGHT) / 2;
  const bottom = TOP + PLOT_HEIGHT;
  return [
    `<text class="title" x="${LEFT}" y="26">${drawnText(title)}</text>`,
    ...percentileTicks(scale),
    ...msTicks(scale),
    `<text class="soft" x="${middle}" y="${bottom + 36}" text-anchor="middle">percentile</text>`,
    ...lines.map((line, index) => lineOf(line, { index, scale })),
  ].join("\n");
}

function scaleOf(lines: readonly LatencyLine[]): Scale {
  const points = lines.flatMap((line) => line.points);
  const values = lines.flatMap(bodyOf).map(([, ms]) => ms);
  const some = values.filter((ms) => ms > 0);
  const lowest = some.reduce((a, b) => Math.min(a, b), some[0] ?? 0.1);
  const highest = some.reduce((a, b) => Math.max(a, b), lowest);
  const tails = points.map(([percentile]) => decadesOf(percentile));
  const low = Math.floor(Math.log10(lowest));
  return {
    decades: Math.max(2, Math.ceil(tails.reduce((a, b) => Math.max(a, b), 0))),
    low,
    high: Math.max(low + 1, Math.ceil(Math.log10(highest))),
  };
}

/**
 * The points of a line that the ms axis begins with: not the least of all its
 * latencies, one of which may be decades below the others.
 */
function bodyOf({ points }: LatencyLine): LatencyLine["points"] {
  const body = points.filter(([percentile]) => percentile > 0);
  return body.length > 0 ? body : points;
}

function decadesOf(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

function xOf(percentile: number, { decades }: Scale): number {
  return LEFT + (decadesOf(percentile) / decades) * (WIDTH - LEFT - RIGHT);
}

function yOf(ms: number, { low, high }: Scale): number {
  const share = (Math.log10(Math.max(ms, 10 ** low)) - low) / (high - low);
  return TOP + PLOT_HEIGHT * (1 - share);
}

function percentileTicks(scale: Scale): string[] {
  const percentiles = [0, 50];
  for (let nines = 1; nines <= scale.decades; nines++) {
    percentiles.push(Number((100 - 10 ** (2 - nines)).toPrecision(nines + 1)));
  }
  const bottom = TOP + PLOT_HEIGHT;
  return percentiles.map((percentile) => {
    const x = xOf(percentile, scale).toFixed(1);
    return (
      `<line class="grid" x1="${x}" x2="${x}" y1="${TOP}" y2="${bottom}"/>` +
      `<text x="${x}" y="${bottom + 18}" text-anchor="middle">${percentile} %</text>`
    );
  });
}

function msTicks(scale: Scale): string[] {
  const powers = Array.from(
    { length: scale.high - scale.low + 1 },
    (_, i) => scale.low + i,
  );
  return powers.map((power) => {
    const y = yOf(10 ** power, scale).toFixed(1);
    return (
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>` +
      `<text x="${LEFT - 8}" y="${y}" dy="4" text-anchor="end">${latencyText(10 ** power)}</text>`
    );
  });
}

/** A line, and its entry in the legend: ends of lines may lie together. */
function lineOf(
  { name, points, maxMs }: LatencyLine,
  { index, scale }: { index: number; scale: Scale },
): string {
  const dash = DASHES[Math.floor(index / COLOURS) % DASHES.length];
  const stroke = `style="stroke: var(--c${index % COLOURS})" stroke-dasharray="${dash}"`;
  // A least value below the axis would be a cliff at its left end.
  const shown = points.filter(
    ([percentile, ms]) => percentile > 0 || ms >= 10 ** scale.low,
  );
  const places = shown.map(
    ([percentile, ms]) =>
      `${xOf(percentile, scale).toFixed(1)},${yOf(ms, scale).toFixed(1)}`,
  );
  const y = TOP + PLOT_HEIGHT + BELOW + 8 + index * LEGEND_LINE;
  const max = Number.isFinite(maxMs) ? `max ${latencyText(maxMs)}` : "empty";
  return (
    `<polyline ${stroke} points="${places.join(" ")}"/>` +
    `<polyline ${stroke} points="${LEFT},${y - 4} ${LEFT + 28},${y - 4}"/>` +
    `<text x="${LEFT + 38}" y="${y}">${drawnText(shortName(name))}<tspan class="soft" dx="10">${max}</tspan></text>`
  );
}

/** The end of a path says more than its start. */
function shortName(name: string): string {
  return name.length > NAME_MAX ? `…${name.slice(1 - NAME_MAX)}` : name;
}
