import { TABLE_PERCENTILES } from "../../latency/latency_series.ts";
import { latencyText } from "../../observe/number_text.ts";
import { byId, make } from "./dom.ts";
import { ratioText, shortCountText } from "./format.ts";

/** A column of the table. */
export interface LatencyColumn {
  readonly title: string;
  /** Its colour in the plot. */
  readonly key: "one" | "two" | "three";
  readonly count: number;
  readonly meanMs: number | null;
  readonly maxMs: number;
  percentileMs(percentile: number): number | null;
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
    ...TABLE_PERCENTILES.map((percentile) =>
      msRow(`${percentile} %`, (column) => atPercentile(column, percentile)),
    ),
    msRow("max", ({ count, maxMs }) => (count === 0 ? null : maxMs)),
    msRow("mean", ({ count, meanMs }) => (count === 0 ? null : meanMs)),
    rowOf("count", [
      ...columns.map(({ count }) => shortCountText(count)),
      ...(file ? [""] : []),
    ]),
  );
}

type Reading = (column: LatencyColumn) => number | null;

/** Null where there are too few values for the percentile to say something. */
function atPercentile(column: LatencyColumn, percentile: number) {
  const above = column.count * (1 - percentile / 100);
  return above < 0.999 ? null : column.percentileMs(percentile);
}

function rowOf(name: string, texts: readonly string[]): HTMLElement {
  const head = make("th", {}, name);
  head.scope = "row";
  const cells = texts.map((text) => make("td", { class: "num" }, text));
  return make("tr", {}, head, ...cells);
}
