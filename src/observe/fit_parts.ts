/** A part of a line that may have to be short. */
export interface LinePart {
  /**
   * What it may be, the longest first. An ornament ends in "": it goes before
   * others are shortened.
   */
  readonly texts: readonly string[];
  /** The parts with the highest number are shortened, then left out, first. */
  readonly rank: number;
  readonly paint?: (text: string) => string;
}

/** Between two parts of a line. */
const BETWEEN = "  ";

/** A part, and which of its texts stands for it: behind the last one, none. */
interface Choice {
  readonly part: LinePart;
  choice: number;
}

/** The parts that have room, as long as they may be. No part is cut. */
export function fitParts(parts: readonly LinePart[], room: number): string {
  const chosen: Choice[] = parts.map((part) => ({ part, choice: 0 }));
  const byRank = chosen.toSorted((a, b) => b.part.rank - a.part.rank);
  while (lengthOf(chosen) > Math.max(0, room)) {
    const next =
      byRank.find(({ part, choice }) => choice + 1 < part.texts.length) ??
      byRank.find(({ part, choice }) => choice < part.texts.length)!;
    next.choice++;
  }
  return chosen
    .filter((each) => textOf(each) !== "")
    .map((each) => each.part.paint?.(textOf(each)) ?? textOf(each))
    .join(BETWEEN);
}

function lengthOf(chosen: readonly Choice[]): number {
  const texts = chosen.map(textOf).filter((text) => text !== "");
  return texts.join(BETWEEN).length;
}

function textOf({ part, choice }: Choice): string {
  return part.texts[choice] ?? "";
}
