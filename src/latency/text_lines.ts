import { createReadStream } from "node:fs";

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
 * The lines of a file, one at a time. Rejects when the file cannot be read, or has
 * a line of more than 64 MiB.
 */
export async function* textLines(path: string): AsyncGenerator<TextLine> {
  let rest = "";
  let number = 0;
  for await (const chunk of createReadStream(path, { encoding: "latin1" })) {
    const pieces = (rest + chunk).split("\n");
    rest = pieces.pop()!;
    if (rest.length > LINE_MAX)
      throw new Error("a line of more than 64 MiB follows");
    for (const piece of pieces) {
      yield { text: piece.replace(/\r$/, ""), number: ++number, isWhole: true };
    }
  }
  if (rest !== "") yield { text: rest, number: ++number, isWhole: false };
}
