import { type TableRow, tableText } from "../../src/observe/text_table.ts";

export {
  figureText,
  type TableRow,
  tableText,
} from "../../src/observe/text_table.ts";

/** Writes a title and a table to stdout. */
export function printTable(title: string, rows: readonly TableRow[]): void {
  print(`\n${title}\n${tableText(rows)}`);
}

/** Writes a line to stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
