import * as z from "zod/mini";
import type { FollowedRecord } from "./follow_topic.ts";

/** What of a session is shown. */
export interface ShownSession {
  readonly visitId: string;
  /** As the session has them: ISO texts. */
  readonly start: string;
  readonly end: string;
  /** Names of its pages in their order, "?" for a visit without one. */
  readonly pages: readonly string[];
  /** Of its headers; null for a session that has none. */
  readonly sessionId: string | null;
  readonly revision: number | null;
  readonly isFinal: boolean | null;
  readonly closeReason: string | null;
  /** Ids of the sessions that were merged into it. */
  readonly supersedes: readonly string[];
}

const VISIT = z.object({ page: z.optional(z.nullable(z.unknown())) });

const SESSION = z.object({
  visit_id: z.string(),
  start_time: z.string(),
  end_time: z.string(),
  visited_pages: z.array(z.array(VISIT)),
  metadata: z.optional(z.record(z.string(), z.unknown())),
});

/** The session of a record, or why it is none. */
export function sessionOf(record: FollowedRecord): ShownSession | string {
  if (record.value === null) return "it has no value";
  const json = parseJson(record.value);
  if (json === undefined) return "it is no JSON";
  const result = z.safeParse(SESSION, json);
  if (!result.success) {
    const [issue] = result.error.issues;
    const place = issue?.path.join(".") ?? "";
    return place === "" ? "it is no object" : `${place} is not as in a session`;
  }
  const { visit_id, start_time, end_time, visited_pages } = result.data;
  const metadata = { ...result.data.metadata, ...record.headers };
  const text = (name: string) => {
    const value = metadata[name];
    return value === undefined || value === null ? null : String(value);
  };
  // Headers may be of others, who mean something else by them.
  const revision = text("revision") ?? "";
  const final = text("final");
  return {
    visitId: visit_id,
    ...{ start: start_time, end: end_time },
    pages: visited_pages.flat().map(({ page }) => String(page ?? "?")),
    sessionId: text("session-id"),
    revision: /^\d{1,15}$/.test(revision) ? Number(revision) : null,
    isFinal: final === null ? null : final === "true",
    closeReason: text("close-reason"),
    supersedes: (text("supersedes") ?? "").split(",").filter((id) => id !== ""),
  };
}

/** The record as JSON in one line, its value, which must be JSON, as it is. */
export function recordJson(record: FollowedRecord): string {
  const { partition, offset, timestampMs, value, headers } = record;
  const timestamp = timestampMs < 0 ? null : new Date(timestampMs);
  const rest = JSON.stringify({ partition, offset, timestamp, headers });
  const text = value?.trim() ?? "null";
  const line = /[\r\n]/.test(text) ? JSON.stringify(JSON.parse(text)) : text;
  return `${rest.slice(0, -1)},"value":${line}}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
