import { countText, sizeText, watermarkText } from "../observe/number_text.ts";
import type { PartitionState, StateReport } from "./state_report.ts";

/** A column of the table: its heading, and its cell of a partition. */
interface Column {
  readonly heading: string;
  cell(partition: PartitionState): string;
  /** The cell of all partitions together. */
  total?(partitions: readonly PartitionState[]): string;
  readonly isText?: true;
}

const COLUMNS: readonly Column[] = [
  { heading: "partition", cell: ({ partition }) => String(partition) },
  {
    heading: "offset",
    cell: ({ offset }) => (offset === null ? "none" : countText(offset)),
  },
  { heading: "end", cell: ({ end }) => countText(end) },
  summed("lag", lagOf, countText),
  ofLog("log from", ({ from }) => countText(from)),
  ofLog("log end", ({ end }) => countText(end)),
  summed("log size", ({ log }) => log?.byteLength ?? 0, sizeText),
  summed("needed", ({ log }) => log?.liveBytes ?? 0, sizeText),
  summed("open", ({ log }) => log?.openSessions ?? 0, countText),
  ofLog("oldest since", ({ oldestMs }) =>
    oldestMs === null ? "" : watermarkText(oldestMs),
  ),
  ofLog("age", ({ oldestMs, clockMs }) =>
    oldestMs === null ? "" : ageText(clockMs - oldestMs),
  ),
  ofLog("commit", ({ commit }) => String(commit)),
  { ...ofLog("by", ({ by }) => by), isText: true },
];

/** The state as a table, a line each partition. */
export function stateText({
  group,
  topic,
  windowLog,
  partitions,
}: StateReport): string {
  const rows = [
    COLUMNS.map(({ heading }) => heading),
    ...partitions.map((partition) =>
      COLUMNS.map(({ cell }) => cell(partition)),
    ),
    COLUMNS.map(({ total }) => total?.(partitions) ?? ""),
  ];
  const widths = COLUMNS.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        COLUMNS[column]!.isText ? cell : cell.padStart(widths[column]!),
      )
      .join("  ")
      .trimEnd(),
  );
  const title = `Group "${group}" in topic "${topic}", window log "${windowLog}"`;
  return `${title}\n\n${lines.join("\n")}\n`;
}

/** What was checked, and what cannot be right; a line each. */
export function checkText({ windowLog, partitions }: StateReport): string {
  const lines = partitions.map(({ partition, offset, log }) => {
    const name = `${windowLog}[${partition}]`;
    if (log === null && offset !== null) {
      return `${name}: another program has committed offset ${countText(offset)}, which has no open sessions`;
    }
    if (log === null) return `${name}: no open sessions are committed`;
    const records = `${countText(log.records)} records, ${countText(log.openSessions)} sessions open`;
    if (log.problemCount === 0) return `${name}: in order, ${records}`;
    const more = log.problemCount - log.problems.length;
    return [
      `${name}: not in order, ${records}`,
      ...log.problems.map((problem) => `  ${problem}`),
      ...(more > 0 ? [`  and ${countText(more)} more`] : []),
    ].join("\n");
  });
  return `${lines.join("\n")}\n`;
}

/** Records that are not processed; all that are there without an offset. */
export function lagOf({ offset, end }: PartitionState): number {
  return Math.max(0, end - (offset ?? 0));
}

function summed(
  heading: string,
  numberOf: (partition: PartitionState) => number,
  text: (number: number) => string,
): Column {
  const sum = (partitions: readonly PartitionState[]) =>
    partitions.reduce((total, each) => total + numberOf(each), 0);
  return {
    heading,
    cell: (partition) => text(numberOf(partition)),
    total: (partitions) => text(sum(partitions)),
  };
}

function ofLog(
  heading: string,
  cell: (log: NonNullable<PartitionState["log"]>) => string,
): Column {
  return { heading, cell: ({ log }) => (log === null ? "" : cell(log)) };
}

/** Event time that the partition has gone on since, in the largest unit. */
function ageText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
