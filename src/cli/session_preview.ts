import { closeSync, openSync, readSync } from "node:fs";

/** As much of the file as is looked at, bytes. */
const HEAD_BYTES = 256 * 1024;
const MAX_SESSIONS = 5;
const MAX_PAGES = 5;

interface Session {
  readonly visit_id: string;
  readonly start_time: string;
  readonly end_time: string;
  readonly visited_pages: readonly { readonly page: string | null }[][];
}

/** A few sessions of a file in short form, under a heading; "" for none. */
export function sessionPreview(path: string): string {
  const lines = headOf(path).split("\n").slice(0, -1);
  const sessions = lines.map((line) => JSON.parse(line) as Session);
  const manyPaged = sessions.filter((session) => pagesOf(session).length > 2);
  const shown = manyPaged.length > 0 ? manyPaged : sessions;
  if (shown.length === 0) return "";
  const texts = shown.slice(0, MAX_SESSIONS).map(sessionText);
  return `Some sessions of ${path}:\n${texts.join("\n")}\n`;
}

function sessionText(session: Session): string {
  const pages = pagesOf(session);
  const names = pages.slice(0, MAX_PAGES).map((visit) => visit.page ?? "?");
  if (pages.length > MAX_PAGES) names.push("…");
  const count = pages.length === 1 ? "1 page" : `${pages.length} pages`;
  const from = session.start_time.slice(11, 19);
  const to = session.end_time.slice(11, 19);
  return `  ${session.visit_id}  ${from} to ${to}  ${count}: ${names.join(" > ")}`;
}

function pagesOf(session: Session) {
  return session.visited_pages[0] ?? [];
}

function headOf(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    return bytes.toString("utf8", 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
