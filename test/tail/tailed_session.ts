import type { FollowedRecord } from "../../src/tail/follow_topic.ts";

/** The value of a session of three pages, with parts of it replaced. */
export function sessionValue(parts: object = {}): string {
  return JSON.stringify({
    visit_id: "140083900046208_6",
    start_time: "2024-06-01T01:02:03+00:00",
    end_time: "2024-06-01T01:12:44+00:00",
    visited_pages: [[{ page: "home" }, { page: null }, { page: "cart" }]],
    user_id: ["u"],
    ...parts,
  });
}

/** Headers as the processor writes them, with parts of them replaced. */
export function sessionHeaders(parts: Readonly<Record<string, string>> = {}) {
  return {
    "session-id": "0-12",
    revision: "0",
    final: "true",
    "close-reason": "gap",
    ...parts,
  };
}

/** A record of the session. */
export function followed(parts: Partial<FollowedRecord> = {}): FollowedRecord {
  return {
    ...{ partition: 2, offset: 7, timestampMs: Date.UTC(2024, 5, 1) },
    value: sessionValue(),
    headers: sessionHeaders(),
    ...parts,
  };
}
