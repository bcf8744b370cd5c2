import type { FiredSession } from "../../src/window/window_store.ts";

/** A first firing of the session `0-12`, changed as `overrides` say. */
export function firedSession(
  visitId: string,
  overrides: Partial<FiredSession> = {},
): FiredSession {
  const key = Buffer.from(canonical(visitId), "latin1");
  return {
    key,
    keyStart: 0,
    keyLength: key.length,
    keyHash: 0,
    idPartition: 0,
    idOffset: 12,
    revision: 0,
    final: false,
    closeReason: "gap",
    supersedes: "",
    sourceTopicId: "",
    endMs: 0,
    visits: 1,
    newVisits: 1,
    causeOffset: -1,
    ...overrides,
  };
}

/** The text as `json.dumps` writes it, without the quotes. */
function canonical(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\x7f-\uffff]/g, (unit) => {
      return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
}
