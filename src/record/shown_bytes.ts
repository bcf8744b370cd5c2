/** So many bytes are shown of what is not known. */
const SHOWN_MAX = 24;

/** What a value begins with, for a message: as text where it is plain, else in hex. */
export function shownBytes(value: Buffer): string {
  if (value.length === 0) return "a record without a value";
  const start = value.subarray(0, SHOWN_MAX);
  const more = value.length > SHOWN_MAX ? "…" : "";
  const text = start.toString("latin1");
  if (/^[ -~]+$/.test(text)) return `"${text}${more}"`;
  const bytes = Array.from(start, (byte) => byte.toString(16).padStart(2, "0"));
  return `the bytes ${bytes.join(" ")}${more}`;
}
