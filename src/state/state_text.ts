import {
  countText,
  sizeText,
  thingsText,
  watermarkText,
} from "../observe/number_text.ts";
import type {
  LeftSessions,
  PartitionState,
  StateReport,
} from "./state_report.ts";

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
    cell: (partition) => {
      const offset = nextOffset(partition);
      return offset === null ? "none" : countText(offset);
    },
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
  const lines = partitions.map(({ partition, offset, log, left }) => {
    const name = `${windowLog}[${partition}]`;
    if (left?.why === "deleted topic") return `${name}: ${leftText(left)}`;
    if (log === null && offset !== null) {
      const what =
        left === null ? "which has no open sessions" : leftText(left);
      return `${name}: another program has committed offset ${countText(offset)}, ${what}`;
    }
    if (log === null) return `${name}: no open sessions are committed`;
    const gone =
      offset === null
        ? `, no offset is committed any more, a run goes on at ${countText(log.offset)}`
        : "";
    const records = `${countText(log.records)} records, ${countText(log.openSessions)} sessions open${gone}`;
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

function leftText({ openSessions, why }: LeftSessions): string {
  const sessions = thingsText(openSessions, "open session");
  return why === "other program"
    ? `a run drops ${sessions} that the log has of it`
    : `${sessions} of a topic that was deleted, another one has the name now: a ` +
        "run refuses to go on, or drops them with --on-new-topic drop";
}

/** What is to be known of the partitions before the next run, a sentence each. */
export function warningsOf({
  group,
  topic,
  partitions,
}: StateReport): string[] {
  const isNothing = partitions.every(
    ({ offset, log, left }) => (offset ?? log ?? left) === null,
  );
  if (isNothing) {
    return [
      `group "${group}" has committed nothing for topic "${topic}": is it spelled so?`,
    ];
  }
  const texts: string[] = [];
  const lost = partitions.filter(
    ({ offset, log }) => offset === null && log !== null,
  );
  if (lost.length > 0) {
    texts.push(
      `group "${group}" has no offsets of ${thingsText(lost.length, "partition")} any more, as after a long stop: a run goes on where their window log ends`,
    );
  }
  for (const { partition, left } of partitions) {
    if (left === null) continue;
    const what =
      left.why === "other program"
        ? "another program has committed the offset, "
        : "";
    texts.push(`${topic}[${partition}]: ${what}${leftText(left)}`);
  }
  return texts;
}

/** Where a run goes on; null: at the start, or it refuses to. */
function nextOffset({ offset, log, left }: PartitionState): number | null {
  return left?.why === "deleted topic" ? null : (offset ?? log?.offset ?? null);
}

/** Records that are not processed; all that are there without an offset. */
export function lagOf(partition: PartitionState): number {
  return Math.max(0, partition.end - (nextOffset(partition) ?? 0));
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
