import type { TextRecord } from "./collect.ts";

/** A visit without flaws. */
export interface ParsedVisit {
  readonly visit_id: string;
  readonly event_time: string;
  readonly user_id: string;
  readonly keep_private: boolean;
  readonly page: string;
  readonly context: {
    readonly user: Record<string, unknown>;
    readonly technical: Record<string, unknown>;
  };
}

/** The visits of records that have no flaws. */
export function parseVisits(records: readonly TextRecord[]): ParsedVisit[] {
  return records.map(({ value }) => JSON.parse(value));
}

/** The object as Python's `json.dumps` writes it, for ASCII text. */
export function pythonJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${pythonJson(member)}`,
  );
  return `{${members.join(", ")}}`;
}
