/** A column of samples; null where one is not known. */
export type Column = (number | null)[];

/**
 * Means of samples that are next to each other, over spans of `spanSec` that begin
 * at whole multiples of it; their time is that of the last sample.
 */
export function meansOf(
  { times, columns }: { times: readonly number[]; columns: readonly Column[] },
  spanSec: number,
): { times: number[]; columns: Column[] } {
  const ends: number[] = [];
  times.forEach((time, i) => {
    const next = times[i + 1];
    const span = Math.floor(time / spanSec);
    if (next === undefined || Math.floor(next / spanSec) > span) ends.push(i);
  });
  const meanUntil = (column: Column) => (end: number, span: number) => {
    const begin = (ends[span - 1] ?? -1) + 1;
    const known = column
      .slice(begin, end + 1)
      .filter((value) => value !== null);
    const sum = known.reduce((all, value) => all + value, 0);
    return known.length === 0 ? null : sum / known.length;
  };
  return {
    times: ends.map((end) => times[end]!),
    columns: columns.map((column) => ends.map(meanUntil(column))),
  };
}
