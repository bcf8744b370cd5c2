import { fitParts, type LinePart } from "./fit_parts.ts";
import { percentText } from "./progress_text.ts";
import type { Progress } from "./run_summary.ts";
import type { TextStyle } from "./text_style.ts";

const LABEL_COLUMN = 10;
/** Where there is less room, labels take as little as they can. */
const NARROW_ROOM = 30;
const BAR_MIN = 8;
const BAR_MAX = 40;
const CURVE_LENGTHS = [60, 30, 20, 10];
const CURVE = "▁▂▃▄▅▆▇█";

/** A line of a block: what it is about, and what there is to say. */
export interface BlockRow {
  readonly label: string;
  readonly parts: readonly LinePart[];
}

/** Lines of at most `room` characters; rows of which nothing fits are left out. */
export function blockLines(
  rows: readonly BlockRow[],
  { room, style }: { readonly room: number; readonly style: TextStyle },
): string[] {
  return rows.flatMap(({ label, parts }) => {
    const width = labelWidth(label, room);
    const text = fitParts(parts, room - width);
    return text === "" ? [] : [`${style.dim(label.padEnd(width))}${text}`];
  });
}

function labelWidth(label: string, room: number): number {
  return room < NARROW_ROOM ? label.length + 1 : LABEL_COLUMN;
}

/** A bar of what is done, the percentage, and what is said of the rest. */
export function barRow(
  label: string,
  extent: NonNullable<Progress["extent"]>,
  {
    rest,
    room,
    style,
  }: {
    readonly rest: string;
    readonly room: number;
    readonly style: TextStyle;
  },
): BlockRow {
  const percent = percentText(extent).padStart("100 %".length);
  const others = labelWidth(label, room) + percent.length + rest.length + 4;
  const length = Math.min(BAR_MAX, room - others);
  const done = Math.floor((length * extent.done) / extent.total);
  const [full, empty] = style.hasBlocks ? ["█", "░"] : ["#", "."];
  const bar = `${full.repeat(Math.max(0, done))}`.padEnd(length, empty);
  const parts = [
    { texts: length < BAR_MIN ? [] : [bar, ""], rank: 9, paint: style.good },
    { texts: [percent], rank: 0, paint: style.strong },
    { texts: [rest], rank: 1 },
  ];
  return { label, parts };
}

/** The last values as a curve, as long as there is room; nothing in plain ASCII. */
export function curvePart(
  history: readonly number[],
  style: TextStyle,
): LinePart {
  const curve = (length: number) => {
    const values = history.slice(-length);
    const highest = Math.max(1, ...values);
    const steps = CURVE.length - 1;
    const level = (value: number) =>
      Math.max(0, Math.round((steps * value) / highest));
    return values.map((value) => CURVE[level(value)]).join("");
  };
  const texts = style.hasBlocks ? [...CURVE_LENGTHS.map(curve), ""] : [];
  return { texts, rank: 9, paint: style.dim };
}

/** Keeps numbers in the widest room that they have taken, so that none jumps. */
export class SteadyNumbers {
  readonly #widths = new Map<string, number>();

  /** The text of the number of this name. */
  pad(name: string, text: string): string {
    const width = Math.max(text.length, this.#widths.get(name) ?? 0);
    this.#widths.set(name, width);
    return text.padStart(width);
  }
}
