import { isUtf8 } from "node:buffer";
import { parseEventTime } from "./event_time.ts";
import { JsonMembers } from "./json_members.ts";
import type { RejectionReason } from "./rejection.ts";

/** The fields of a visit that matter, decoded. */
export interface ParsedVisit {
  readonly visitId: string;
  readonly eventTime: string;
  /** Event time in ms since the epoch, at full precision. */
  readonly timestampMs: number;
  readonly page: string | null;
  readonly userId: string | null;
}

const VISIT_ID = 0;
const EVENT_TIME = 1;
const PAGE = 2;
const USER_ID = 3;
const members = new JsonMembers(["visit_id", "event_time", "page", "user_id"]);

/**
 * Reads a visit: the judge of every record that a quicker scanner does not
 * vouch for. What it says follows from the bytes alone. Gives the first reason
 * that applies when the value is no visit; `empty` and `too_large` are the
 * caller's to look for before. An event time after `latestMs` is too far ahead.
 */
export function parseVisit(
  value: Buffer,
  latestMs = Number.POSITIVE_INFINITY,
): ParsedVisit | RejectionReason {
  if (!isUtf8(value)) return "not_utf8";
  const fault = members.read(value);
  if (fault !== null) return fault;

  const visitId = members.string(VISIT_ID);
  if (visitId === null) return "visit_id_missing";
  if (visitId === undefined || visitId === "") return "visit_id_invalid";

  const eventTime = members.string(EVENT_TIME);
  if (eventTime === null) return "event_time_missing";
  if (eventTime === undefined) return "event_time_invalid";
  const timestampMs = parseEventTime(eventTime);
  if (typeof timestampMs === "string") return timestampMs;
  if (timestampMs > latestMs) return "event_time_too_far_ahead";

  const page = members.string(PAGE);
  if (page === undefined) return "page_invalid";
  const userId = members.string(USER_ID);
  if (userId === undefined) return "user_id_invalid";
  return { visitId, eventTime, timestampMs, page, userId };
}
