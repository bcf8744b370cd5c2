import { countText, latencyText } from "../../observe/number_text.ts";
import { byId, make } from "./dom.ts";
import { ratioText } from "./format.ts";
import { valueAt } from "./hgrm.ts";
import type { Latencies } from "./shapes.ts";

const PERCENTILES = [50, 90, 99, 99.9, 99.99, 99.999];

/** A column of the table. */
export interface LatencyColumn extends Latencies {
  readonly title: string;
  /** Its colour in the plot. */
  readonly key: "one" | "two" | "three";
}

/**
 * Writes percentiles side by side; behind a file's, how many times as much the
 * last minute has.
 */
export function showLatencyTable(columns: readonly LatencyColumn[]): void {
  const [first, , file] = columns;
  const heads = columns.map((column) => {
    const title = [make("i", { class: `key ${column.key}` }), column.title];
    return make("th", { class: "num" }, ...title);
  });
  const last = file ? [make("th", { class: "num" }, "minute : file")] : [];
  const all = [make("th", {}, "percentile"), ...heads, ...last];
  for (const head of all) head.scope = "col";
  byId("latency-head").replaceChildren(...all);
  const compare = (read: Reading) => {
    if (!first || !file) return [];
    const [now, then] = [read(first), read(file)];
    return [now && then ? ratioText(now / then) : "–"];
  };
  const msRow = (name: string, read: Reading) => {
    const values = columns.map(read);
    const texts = values.map((ms) => (ms === null ? "–" : latencyText(ms)));
    return rowOf(name, [...texts, ...compare(read)]);
  };
  byId("latency-table").replaceChildren(
    ...PERCENTILES.map((percentile) =>
      msRow(`${percentile} %`, (column) => atPercentile(column, percentile)),
    ),
    msRow("max", ({ count, maxMs }) => (count === 0 ? null : maxMs)),
    msRow("mean", ({ count, meanMs }) => (count === 0 ? null : meanMs)),
    rowOf("count", [
      ...columns.map(({ count }) => countText(count)),
      ...(file ? [""] : []),
    ]),
  );
}

type Reading = (column: LatencyColumn) => number | null;

/** Null where there are too few values for the percentile to say something. */
function atPercentile(
  { points, count }: LatencyColumn,
  percentile: number,
): number | null {
  const above = count * (1 - percentile / 100);
  return count === 0 || above < 0.999 ? null : valueAt(points, percentile);
}

function rowOf(name: string, texts: readonly string[]): HTMLElement {
  const head = make("th", {}, name);
  head.scope = "row";
  const cells = texts.map((text) => make("td", { class: "num" }, text));
  return make("tr", {}, head, ...cells);
}
