import { parseEventTime } from "../../src/window/event_time.ts";
import type { RejectionReason } from "../../src/window/rejection.ts";
import type { ParsedVisit } from "../../src/window/visit_parser.ts";
import { type JsonValue, parseStrictJson } from "./strict_json.ts";

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a record is, by a parser that has nothing in common with the product's. */
export function readStrictVisit(value: Buffer): ParsedVisit | RejectionReason {
  if (value.length === 0) return "empty";
  const text = decoded(value);
  if (text === null) return "not_utf8";
  const record = parsed(text);
  if (record === undefined) return "not_json";
  if (!(record instanceof Map)) return "not_object";

  const visitId = record.get("visit_id") ?? null;
  if (visitId === null) return "visit_id_missing";
  if (typeof visitId !== "string" || visitId === "") return "visit_id_invalid";
  const eventTime = record.get("event_time") ?? null;
  if (eventTime === null) return "event_time_missing";
  if (typeof eventTime !== "string") return "event_time_invalid";
  const timestampMs = parseEventTime(eventTime);
  if (typeof timestampMs === "string") return timestampMs;
  const page = record.get("page") ?? null;
  if (page !== null && typeof page !== "string") return "page_invalid";
  const userId = record.get("user_id") ?? null;
  if (userId !== null && typeof userId !== "string") return "user_id_invalid";
  return { visitId, eventTime, timestampMs, page, userId };
}

function decoded(value: Buffer): string | null {
  try {
    return UTF_8.decode(value);
  } catch {
    return null;
  }
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
