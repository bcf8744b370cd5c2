import { openInputStream } from "../files/open_input.ts";

const BYTE_ORDER_MARK = "\ufeff";

/** Longer than the line of any histogram. */
const LINE_MAX = 64 * 1024 * 1024;

/** A line of a file, and whether a line feed ends it. */
export interface TextLine {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  readonly isWhole: boolean;
}

/**
 * The lines of a file in UTF-8, or of stdin when `path` is null, one at a time.
 * Rejects when it cannot be read, has a line of more than 64 MiB, or the signal
 * comes before its end.
 */
export async function* textLines(
  path: string | null,
  signal?: AbortSignal,
): AsyncGenerator<TextLine> {
  const stream = openInputStream(path, signal);
  let rest = "";
  let number = 0;
  for await (const chunk of stream.setEncoding("utf8")) {
    const pieces = (rest + chunk).split("\n");
    rest = pieces.pop()!;
    if (rest.length > LINE_MAX)
      throw new Error("a line of more than 64 MiB follows");
    for (const piece of pieces) yield lineOf(piece, ++number);
  }
  if (rest !== "") yield { ...lineOf(rest, ++number), isWhole: false };
}

function lineOf(piece: string, number: number): TextLine {
  const isMarked = number === 1 && piece.startsWith(BYTE_ORDER_MARK);
  const text = piece.slice(isMarked ? 1 : 0).replace(/\r$/, "");
  return { text, number, isWhole: true };
}
