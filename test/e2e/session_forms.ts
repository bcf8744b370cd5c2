import { readFile } from "node:fs/promises";
import {
  formOf,
  formOfLine,
  lastForms,
  type SessionForm,
} from "../reference/last_forms.ts";
import { readWithKcat } from "../support/kcat.ts";

/** The sessions of a topic, as kcat reads them with their headers. */
export async function formsOfTopic(
  brokers: string,
  topic: string,
): Promise<SessionForm[]> {
  const records = await readWithKcat(brokers, topic);
  return records.map(({ headers, value }) =>
    // Only the ids of `supersedes` are joined by commas, as headers are.
    formOf(value, Object.fromEntries(joinedHeaders(headers))),
  );
}

/** Headers as pairs; puts values together that were split at their commas. */
export function joinedHeaders(parts: readonly string[]): [string, string][] {
  const headers: [string, string][] = [];
  for (const part of parts) {
    const at = part.indexOf("=");
    if (at >= 0) headers.push([part.slice(0, at), part.slice(at + 1)]);
    else headers.at(-1)![1] += `,${part}`;
  }
  return headers;
}

/** The sessions of JSON lines that were written with their metadata. */
export function formsOfLines(text: string): SessionForm[] {
  return linesOf(text).map(formOfLine);
}

/** The sessions of a file that was written with their metadata. */
export async function formsOfFile(path: string): Promise<SessionForm[]> {
  return formsOfLines(await readFile(path, "utf8"));
}

/** The whole lines of a text. */
export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Number of pages in the last forms: visits in sessions, each once. */
export function countPages(forms: Iterable<SessionForm>): number {
  let count = 0;
  // Much quicker than parsing, and exact: text within has its quotes escaped.
  const page = /\{"page":/g;
  for (const { value } of lastForms(forms)) {
    count += value.match(page)!.length;
  }
  return count;
}

/** The ids of the last forms, sorted. */
export function lastIds(forms: Iterable<SessionForm>): string[] {
  return lastForms(forms)
    .map(({ id }) => id)
    .sort();
}
