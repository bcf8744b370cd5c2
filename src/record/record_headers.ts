import { VarintReader } from "./varint_reader.ts";

/**
 * The headers of a record (v2) whose header section is `[at, end)`; of two of one
 * name the last one. What reaches past the end is left out.
 */
export function readHeaders(
  bytes: Buffer,
  { at, end }: { readonly at: number; readonly end: number },
): Record<string, string> {
  const varint = new VarintReader();
  const headers: Record<string, string> = {};
  const count = varint.read(bytes, at);
  let next = varint.end;
  const readText = () => {
    const length = Math.max(0, varint.read(bytes, next));
    next = varint.end + length;
    return next <= end ? bytes.toString("utf8", varint.end, next) : null;
  };
  for (let i = 0; i < count; i++) {
    const name = readText();
    const value = name === null ? null : readText();
    if (name === null || value === null) break;
    headers[name] = value;
  }
  return headers;
}
