import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** A page of a session and when it was visited. */
interface PageVisit {
  readonly page: string;
  readonly event_time: string;
}

/** A session as a line of JSON; a peer's pages stand in no inner list. */
interface SessionLine {
  readonly visit_id: string;
  readonly start_time: string;
  readonly end_time: string;
  readonly visited_pages: readonly (PageVisit | readonly PageVisit[])[];
}

/** Digests of all sessions of a file: visitor, start, end, pages and times. */
export async function readBatchSessions(path: string): Promise<Set<string>> {
  const sessions = new Set<string>();
  let count = 0;
  for await (const line of createInterface(createReadStream(path))) {
    sessions.add(digest(JSON.parse(line)));
    count++;
  }
  if (sessions.size === count) return sessions;
  throw new Error(`Cannot compare: "${path}" has a session twice`);
}

/** Throws unless both have the same sessions. */
export function assertSameSessions(
  system: string,
  sessions: ReadonlySet<string>,
  expected: ReadonlySet<string>,
): void {
  const both = [...sessions].filter((each) => expected.has(each)).length;
  const stray = sessions.size - both;
  const missing = expected.size - both;
  if (stray + missing === 0) return;
  throw new Error(
    `Cannot compare: of ${expected.size} sessions ${system} lacks ${missing} and has ${stray} others`,
  );
}

/** Visits of the same second may stand in any order. */
function digest(session: SessionLine): string {
  const { visit_id, start_time, end_time, visited_pages } = session;
  const pages = visited_pages
    .flat()
    .map(({ page, event_time }) => `${event_time} ${page}`)
    .sort();
  const text = JSON.stringify([visit_id, start_time, end_time, pages]);
  return createHash("sha1").update(text).digest("base64");
}
