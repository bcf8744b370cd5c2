/**
 * A rule of the window semantics as a scenario of one day.
 *
 * `given` are lines of a replay: `a 12:00:00` is a visit of `a`,
 * `a 12:00:00/home by bob` one with page and user, `watermark 12:10:00` a
 * control line, and a line that begins with `{` stands as it is, with `DAY`
 * for the date. `expected` is what `describeLine` makes of the output.
 */
export interface Rule {
  readonly name: string;
  readonly given: readonly string[];
  readonly expected: readonly string[];
  /** Whether `expected` shows the metadata of sessions. */
  readonly withMetadata?: boolean;
}

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2024, 0, 1);

const VISIT = /^(\S+) ([\d:.]+)(?:\/(\S+))?(?: by (\S+))?$/;

/**
 * One input for all rules. Each has a day of its own, at whose start all that
 * the day before has left behind is gone.
 */
export function inputOf(rules: readonly Rule[]): string {
  const lines = rules.flatMap((rule, index) => {
    const day = dayOf(index);
    const given = rule.given.map((line) => replayLine(line, day));
    return [replayLine("watermark 00:00:00", day), ...given];
  });
  return `${lines.join("\n")}\n`;
}

/** What each of the rules has got, by its place among them. */
export function outcomesOf(
  rules: readonly Rule[],
  output: readonly string[],
): string[][] {
  let firstLine = 0;
  return rules.map((rule, index) => {
    const day = dayOf(index);
    const context = { day, firstLine: firstLine + 1, rule };
    firstLine += rule.given.length + 1;
    return output
      .filter((line) => line.includes(day))
      .map((line) => describeLine(JSON.parse(line), context))
      .filter((text) => text !== null);
  });
}

interface Context {
  readonly day: string;
  /** Line number of the first given line. */
  readonly firstLine: number;
  readonly rule: Rule;
}

// biome-ignore lint/suspicious/noExplicitAny: the tests judge the members
function describeLine(line: any, context: Context): string | null {
  const time = (text: string) =>
    text.replace(`${context.day}T`, "").replace("+00:00", "");
  if ("rejected" in line) return `rejected ${line.rejected.reason}`;
  if ("late" in line) {
    return `late ${line.late.visit_id} ${time(line.late.event_time)}`;
  }
  const { session } = line;
  const { watermark } = session.data_processing_context;
  // The next day's first watermark only clears away.
  const isOfDay = [session.start_time, watermark].every((text) =>
    text.startsWith(context.day),
  );
  if (!isOfDay) return null;
  const pages = session.visited_pages[0].map(
    (it: { readonly page: string | null; readonly event_time: string }) =>
      time(it.event_time) + (it.page === null ? "" : `/${it.page}`),
  );
  const [user] = session.user_id;
  const by = user === null ? "" : ` by ${user}`;
  const text = `${session.visit_id} ${pages.join(" ")}${by}`;
  const fired = `${text} at ${time(watermark)}`;
  return context.rule.withMetadata
    ? `${fired} | ${describeMetadata(session.metadata, context.firstLine)}`
    : fired;
}

/** Ids are given as places among the given lines. */
function describeMetadata(
  metadata: Readonly<Record<string, string>>,
  firstLine: number,
): string {
  const placeOf = (id: string) => Number(id.replace("0-", "")) - firstLine;
  const words = [
    `#${placeOf(metadata["session-id"]!)}`,
    `revision ${metadata.revision}`,
    metadata["close-reason"],
  ];
  if (metadata.final === "true") words.push("final");
  if (metadata.supersedes !== undefined) {
    const places = metadata.supersedes.split(",").map(placeOf);
    words.push(`supersedes #${places.join(" #")}`);
  }
  return words.join(" ");
}

function dayOf(index: number): string {
  return new Date(FIRST_DAY_MS + index * DAY_MS).toISOString().slice(0, 10);
}

function replayLine(line: string, day: string): string {
  if (line.startsWith("{")) return line.replaceAll("DAY", day);
  if (line.startsWith("watermark ")) {
    const time = line.slice("watermark ".length);
    return JSON.stringify({ watermark: `${day}T${time}+00:00` });
  }
  const [, visitId, time, page, userId] = VISIT.exec(line)!;
  return JSON.stringify({
    visit_id: visitId,
    event_time: `${day}T${time}+00:00`,
    page,
    user_id: userId,
  });
}
