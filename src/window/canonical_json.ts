/** What `json.dumps` of Python escapes: all but printable ASCII, `"` and `\`. */
const ESCAPED = /["\\]|[^ -~]/g;
const NEEDS_ESCAPE = /["\\]|[^ -~]/;

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/**
 * The bytes, one a character, that Python's `json.dumps` writes between the
 * quotes for `text`. Lone surrogates are kept as escapes.
 */
export function canonicalString(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, escapeUnit) : text;
}

/**
 * The text whose canonical bytes are `bytes[start, start + length)`. A lone
 * surrogate stays one, so encoding the text as UTF-8 turns it into U+FFFD.
 */
export function decodeCanonical(
  bytes: Buffer,
  start: number,
  length: number,
): string {
  const canonical = bytes.toString("latin1", start, start + length);
  if (!canonical.includes("\\")) return canonical;
  return JSON.parse(`"${canonical}"`) as string;
}

/** The same, but no more than so many bytes of it: a longer one ends in "…". */
export function shortCanonical(bytes: Buffer, bytesMax: number): string {
  if (bytes.length <= bytesMax) return decodeCanonical(bytes, 0, bytes.length);
  let end = 0;
  for (let next = 0; next <= bytesMax; next += unitBytes(bytes, next)) {
    end = next;
  }
  return `${decodeCanonical(bytes, 0, end).toWellFormed()}…`;
}

/** Canonical bytes of the UTF-16 unit that begins at a place. */
function unitBytes(bytes: Buffer, at: number): number {
  if (bytes[at] !== 0x5c) return 1;
  return bytes[at + 1] === 0x75 ? 6 : 2;
}

/**
 * The canonical form of a string that the kernel calls odd, from the place and
 * the length that it gives.
 */
export function canonicalOdd(
  bytes: Buffer,
  start: number,
  length: number,
): string {
  const json = bytes.toString("utf8", start - 1, start - 1 - length);
  return canonicalString(JSON.parse(json) as string);
}

// Works on UTF-16 units, so a character beyond U+FFFF becomes a pair of
// escapes, as in Python.
function escapeUnit(unit: string): string {
  const short = SHORT_ESCAPES[unit];
  if (short !== undefined) return short;
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
