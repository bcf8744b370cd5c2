/** Rows of a table by column title; figures are right-aligned. */
export type TableRow = Readonly<Record<string, string | number>>;

const FIGURE = /^(-|-?[\d.,]+x?)?$/;

/** A table as text: the columns of all rows, in order of appearance. */
export function tableText(rows: readonly TableRow[]): string {
  const titles = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = titles.map((title) => {
    const cells = rows.map((row) => cellText(row[title]));
    const isNumeric = cells.every((cell) => FIGURE.test(cell));
    const width = Math.max(...[title, ...cells].map(({ length }) => length));
    return [title, ...cells].map((cell) =>
      isNumeric ? cell.padStart(width) : cell.padEnd(width),
    );
  });
  const lines = columns[0]?.map((_, line) =>
    columns.map((column) => column[line]).join("  "),
  );
  return (lines ?? []).map((line) => `${line.trimEnd()}\n`).join("");
}

/** A number with about three digits that say something. */
export function figureText(value: number): string {
  if (Number.isNaN(value)) return "-";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size >= 1 ? 2 : 3);
}

function cellText(value: string | number | undefined): string {
  if (value === undefined) return "";
  return typeof value === "number" ? figureText(value) : value;
}
