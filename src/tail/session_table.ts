import type { TextStyle } from "../observe/text_style.ts";
import { visibleText } from "../observe/visible_text.ts";
import type { ShownSession } from "./session_record.ts";

/**
 * Room where what is written goes to no terminal: nothing is cut there that
 * somebody may look for.
 */
const ANY_ROOM = Infinity;
const TEXT_MAX = 1000;
/** What others have written may be longer than any of ours. */
const CELL_MAX = 24;
const ID_MIN = 8;
const ID_MAX = 36;
const GAP = "  ";
const DAY_MS = 86_400_000;

type Paint = (text: string) => string;

interface Column {
  readonly title: string;
  readonly width: number;
  /** It is shown where a line has this many characters. */
  readonly from: number;
  readonly isNumber?: boolean;
  text(session: ShownSession): string;
  paint?(session: ShownSession, style: TextStyle): Paint;
}

const COLUMNS: readonly Column[] = [
  {
    ...{ title: "DATE", width: 10, from: 100 },
    text: ({ start }) => isoOf(start)?.slice(0, 10) ?? "",
  },
  {
    ...{ title: "FROM - TO (UTC)", width: 17, from: 36 },
    text: ({ start, end }) => `${clockOf(start)}-${clockOf(end)}`,
  },
  {
    ...{ title: "LENGTH", width: 7, from: 0, isNumber: true },
    text: ({ start, end }) => lengthText(start, end),
  },
  {
    ...{ title: "VISITS", width: 6, from: 46, isNumber: true },
    text: ({ pages }) => String(pages.length),
  },
  {
    ...{ title: "REV", width: 3, from: 56, isNumber: true },
    text: ({ revision }) => (revision === null ? "-" : String(revision)),
    paint: ({ revision }, style) => (revision ? style.warn : String),
  },
  {
    ...{ title: "FINAL", width: 5, from: 64 },
    text: ({ isFinal }) => (isFinal === null ? "-" : isFinal ? "final" : ""),
    paint: (_, style) => style.good,
  },
  {
    ...{ title: "BECAUSE", width: 14, from: 76 },
    text: ({ closeReason, supersedes }) => {
      const merged = supersedes.length === 0 ? "" : ` +${supersedes.length}`;
      return `${closeReason ?? "-"}${merged}`;
    },
    paint: ({ closeReason }, style) =>
      closeReason === "late-update" ? style.warn : String,
  },
  {
    ...{ title: "SESSION", width: 14, from: 130 },
    text: ({ sessionId }) => sessionId ?? "-",
  },
];

/** Lines of at most `room` characters, one a session, in columns. */
export class SessionTable {
  readonly #room: number;
  readonly #style: TextStyle;
  readonly #columns: readonly Column[];
  readonly #idWidth: number;

  /** `room` null: nothing is cut. */
  constructor(room: number | null, style: TextStyle) {
    this.#room = room ?? ANY_ROOM;
    this.#style = style;
    this.#columns = COLUMNS.filter(({ from }) => from <= this.#room);
    const widths = this.#columns.map(({ width }) => width + GAP.length);
    const left = this.#room - widths.reduce((sum, width) => sum + width, 0);
    this.#idWidth = Math.max(ID_MIN, Math.min(ID_MAX, left));
  }

  /** The names of the columns. */
  header(): string {
    const titles = this.#columns.map((each) => pad(each, each.title));
    const line = ["VISIT_ID".padEnd(this.#idWidth), ...titles].join(GAP);
    return this.#style.dim(line.slice(0, this.#room).trimEnd());
  }

  /** The line of a session. */
  line(session: ShownSession): string {
    const style = this.#style;
    const id = this.#cut(visibleText(session.visitId));
    const cells = this.#columns.map((column) => {
      const paint = column.paint?.(session, style) ?? String;
      return paint(pad(column, this.#cell(column, session)));
    });
    const line = [id.padEnd(this.#idWidth), ...cells].join(GAP);
    return `${line}${this.#notes(session)}`.trimEnd();
  }

  /** Numbers are never cut, for they would be others. */
  #cell({ isNumber, text }: Column, session: ShownSession): string {
    const cell = visibleText(text(session));
    const most = this.#room === ANY_ROOM ? TEXT_MAX : CELL_MAX;
    if (cell.length <= most || isNumber === true) return cell;
    return `${cell.slice(0, most - 1)}…`;
  }

  /** What both ends of a visit_id leave out is in its middle. */
  #cut(id: string): string {
    const width = this.#room === ANY_ROOM ? TEXT_MAX : this.#idWidth;
    if (id.length <= width) return id;
    const head = Math.floor((width - 1) / 3);
    return `${id.slice(0, head)}…${id.slice(id.length - (width - 1 - head))}`;
  }

  /** What it supersedes, and its pages, as far as there is room. */
  #notes({ supersedes, pages }: ShownSession): string {
    const widths = this.#columns.map(({ width }) => width + GAP.length);
    const used = widths.reduce((sum, width) => sum + width, this.#idWidth);
    const room = Math.min(200, this.#room - used - GAP.length);
    const merged =
      supersedes.length === 0 ? "" : `supersedes ${supersedes.join(",")}; `;
    const text = visibleText(`${merged}${pages.join(" > ")}`);
    if (room < 10) return "";
    const cut = text.length <= room ? text : `${text.slice(0, room - 1)}…`;
    return `${GAP}${this.#style.dim(cut)}`;
  }
}

function pad({ width, isNumber }: Column, text: string): string {
  return isNumber === true ? text.padStart(width) : text.padEnd(width);
}

/** The same instant in UTC; null for a text that is no time. */
function isoOf(text: string): string | null {
  const hasOffset = /(?:z|[+-]\d\d:?\d\d)$/i.test(text);
  const ms = Date.parse(hasOffset ? text : `${text}Z`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

function clockOf(text: string): string {
  return isoOf(text)?.slice(11, 19) ?? "??:??:??";
}

/** Its length in at most seven characters: `42s`, `7m 11s`, `3h 20m`, `2d 5h`. */
function lengthText(start: string, end: string): string {
  const [from, to] = [isoOf(start), isoOf(end)];
  if (from === null || to === null) return "?";
  const ms = Date.parse(to) - Date.parse(from);
  // Texts with different offsets are not in the order of their instants.
  const sign = ms < 0 ? "-" : "";
  const seconds = Math.round(Math.abs(ms) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${sign}${seconds}s`;
  if (minutes < 60) return `${sign}${minutes}m ${seconds % 60}s`;
  if (Math.abs(ms) < DAY_MS) return `${sign}${hours}h ${minutes % 60}m`;
  return `${sign}${Math.floor(hours / 24)}d ${hours % 24}h`;
}
