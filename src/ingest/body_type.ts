import { Refusal } from "../http/refusal.ts";
import { skipSpace } from "./array_items.ts";
import type { BodyForm } from "./body_chunks.ts";

/** What a `Content-Type` says of a body. */
export type BodyType = "json" | "lines" | "text";

const OPENING_BRACKET = 0x5b;

const TYPES: ReadonlyMap<string, BodyType> = new Map([
  ["application/json", "json"],
  ["application/x-ndjson", "lines"],
  ["application/ndjson", "lines"],
  ["application/jsonl", "lines"],
  // What a page's navigator.sendBeacon sends.
  ["text/plain", "text"],
]);

/** Reads a `Content-Type`; null for one that is not taken. */
export function bodyTypeOf(
  contentType: string | undefined,
  takesText: boolean,
): BodyType | null {
  const name = (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
  const type = TYPES.get(name) ?? null;
  return type === "text" && !takesText ? null : type;
}

/** Why a body is not taken whose type is none of those that are. */
export function typeRefusal(
  contentType: string | undefined,
  takesText: boolean,
): Refusal {
  const got = contentType === undefined ? "none" : JSON.stringify(contentType);
  const text = takesText ? " or text/plain" : "";
  return new Refusal(
    415,
    `Cannot read body: Content-Type must be application/json or application/x-ndjson${text}, got ${got}`,
  );
}

/** The form of a body: of text that does not begin as an array, lines. */
export function formOf(body: Buffer, type: BodyType): BodyForm {
  if (type === "lines") return "lines";
  if (body[skipSpace(body, 0)] === OPENING_BRACKET) return "array";
  return type === "json" ? "visit" : "lines";
}
