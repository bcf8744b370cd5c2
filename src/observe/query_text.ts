/**
 * Any text as a value in the query of an address. A surrogate without its partner,
 * which no UTF-8 can hold, stands there as three bytes: `%ED%A0%80` for U+D800.
 */
export function encodeQueryText(text: string): string {
  return text.split(LONE).map(encodePart).join("");
}

/** The text of such a value. Throws a `URIError` for a `%` that encodes nothing. */
export function decodeQueryText(value: string): string {
  return value.split(SURROGATE_BYTES).map(decodePart).join("");
}

// What is split by a group has its finds at the odd places.
const LONE = /(\p{Surrogate})/u;
const SURROGATE_BYTES = /(%ED%[AB][0-9A-F]%[89AB][0-9A-F])/i;
/** The bits of a unit in the last two of its three bytes. */
const MIDDLE_BITS = 6;
const BYTE_MASK = 0x3f;

function encodePart(part: string, place: number): string {
  if (place % 2 === 0) return encodeURIComponent(part);
  const unit = part.charCodeAt(0);
  const middle = 0x80 | ((unit >> MIDDLE_BITS) & BYTE_MASK);
  const last = 0x80 | (unit & BYTE_MASK);
  return `%ED%${hex(middle)}%${hex(last)}`;
}

function decodePart(part: string, place: number): string {
  if (place % 2 === 0) return decodeURIComponent(part);
  const [, , middle, last] = part.split("%").map((byte) => parseInt(byte, 16));
  const bits = ((middle! & BYTE_MASK) << MIDDLE_BITS) | (last! & BYTE_MASK);
  return String.fromCharCode(0xd000 | bits);
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase();
}
