/**
 * The candidate that a mistyped word most likely meant; undefined when none is
 * near: at most a third of the letters may differ.
 */
export function suggestionFor(
  word: string,
  candidates: Iterable<string>,
): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    bestDistance = distance;
    best = candidate;
  }
  return best;
}

/** Appends `, did you mean …` to a message when there is something near. */
export function withSuggestion(
  message: string,
  guess: { word: string; candidates: Iterable<string> },
): string {
  const suggestion = suggestionFor(guess.word, guess.candidates);
  return suggestion === undefined
    ? message
    : `${message}, did you mean "${suggestion}"`;
}

/** Letters to insert, delete, replace or swap to make one word the other. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = from[row - 1] === to[column - 1] ? 0 : 1;
      current[column] = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + replaced,
      );
      const isSwap =
        from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && isSwap) {
        const swapped = beforePrevious[column - 2]! + 1;
        current[column] = Math.min(current[column]!, swapped);
      }
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length]!;
}
