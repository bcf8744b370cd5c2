import { isJson, isJsonStart } from "./json_start.ts";

/** Bytes that a kind of file begins with, and what to do about it. */
const MAGICS: readonly (readonly [bytes: readonly number[], guess: string])[] =
  [
    [[0x1f, 0x8b], compressed("gzip", "gzip -dc")],
    [[0x28, 0xb5, 0x2f, 0xfd], compressed("zstd", "zstd -dc")],
    [[0x42, 0x5a, 0x68], compressed("bzip2", "bzip2 -dc")],
    [[0xfd, 0x37, 0x7a, 0x58, 0x5a], compressed("xz", "xz -dc")],
    [[0x04, 0x22, 0x4d, 0x18], compressed("lz4", "lz4 -dc")],
    [[0x50, 0x4b, 0x03, 0x04], compressed("zip", "unzip -p")],
    [[0x50, 0x41, 0x52, 0x31], "Parquet, expected JSON lines"],
    [[0x4f, 0x62, 0x6a, 0x01], "Avro, expected JSON lines"],
    [[0x4f, 0x52, 0x43], "ORC, expected JSON lines"],
    // What the mark of UTF-16LE begins as well comes first.
    [[0xff, 0xfe, 0, 0], wide("UTF-32LE")],
    [[0, 0, 0xfe, 0xff], wide("UTF-32BE")],
    [[0xff, 0xfe], wide("UTF-16LE")],
    [[0xfe, 0xff], wide("UTF-16BE")],
  ];

/** Confluent's serializers put a zero and a schema's number, from 1, in front. */
const REGISTRY_HEADER_BYTES = 5;
/** So many characters tell, without a mark, how wide they are: text begins with ASCII. */
const WIDE_CHARACTERS = 2;
/** As much of a record as tells what it is. */
const HEAD_BYTES = 4096;

const HTML = /^<(?:!doctype html|html|head|body)\b/i;
/** Names with a separator between them, none of them in JSON. */
const CSV_HEADER = /^"?[a-z_][\w .-]*"?(?:([,;\t|])"?[a-z_][\w .-]*"?)+$/i;

/**
 * What a record that is no visit looks like, as the end of a sentence that
 * begins with "it looks like"; null when it looks like nothing that is known.
 */
export function guessFormat(record: Uint8Array): string | null {
  for (const [magic, guess] of MAGICS) {
    if (magic.every((byte, at) => record[at] === byte)) return guess;
  }
  const head = Buffer.from(record.subarray(0, HEAD_BYTES));
  const isCut = record.length > HEAD_BYTES;
  const encoding = wideEncoding(head);
  if (encoding !== null) return wide(encoding);
  if (head[0] === 0) return guessBinary(head);
  return guessText(head.toString("utf8"), isCut);
}

function guessText(head: string, isCut: boolean): string | null {
  if (head.startsWith("\ufeff")) {
    return "JSON behind a byte order mark, which only a file may begin with";
  }
  const text = head.trim();
  if (HTML.test(text)) return "HTML, expected JSON lines";
  if (text.startsWith("<")) return "XML, expected JSON lines";
  if (text.startsWith("[") && (isCut || isJsonStart(text))) {
    return "one JSON array, expected an object a line: jq -c '.[]' makes lines of it";
  }
  // The old Mac's line end: for us, all is one line.
  const [firstLine = ""] = text.split("\r", 1);
  const hasMore = firstLine.length < text.length;
  if (hasMore && firstLine.startsWith("{") && isJson(firstLine)) {
    return "lines that end with CR alone, expected LF: tr '\\r' '\\n' makes it so";
  }
  if (
    text.startsWith("{") &&
    text.endsWith("},") &&
    isJson(text.slice(0, -1))
  ) {
    return "objects with a comma behind each, expected none: sed 's/,[[:space:]]*$//' makes lines of them";
  }
  if (text.startsWith("{") && !isCut && !isJson(text) && isJsonStart(text)) {
    return "JSON over several lines, expected an object a line: jq -c . makes lines of it";
  }
  if (CSV_HEADER.test(firstLine)) {
    return "CSV with a header, expected an object of JSON a line";
  }
  return null;
}

function guessBinary(head: Buffer): string | null {
  if (head.length < REGISTRY_HEADER_BYTES) return null;
  if (head.subarray(0, REGISTRY_HEADER_BYTES).every((byte) => byte === 0)) {
    return "zero bytes, as a crash may leave them in a file: tr -d '\\0' takes them out";
  }
  return head.length > REGISTRY_HEADER_BYTES
    ? "a record of a schema registry (Avro, Protobuf or JSON Schema), expected plain JSON"
    : null;
}

/** The encoding of text whose first characters have zeros around them. */
function wideEncoding(head: Buffer): string | null {
  for (const bytes of [4, 2]) {
    const start = head.subarray(0, WIDE_CHARACTERS * bytes);
    if (start.length < WIDE_CHARACTERS * bytes) continue;
    for (const [order, at] of [
      ["LE", 0] as const,
      ["BE", bytes - 1] as const,
    ]) {
      const isWide = start.every((byte, place) =>
        place % bytes === at ? isPrinted(byte) : byte === 0,
      );
      if (isWide) return `UTF-${8 * bytes}${order}`;
    }
  }
  return null;
}

function isPrinted(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x09;
}

function compressed(name: string, command: string): string {
  return `${name}, which is not unpacked here: ${command} FILE | sessionmill run --from -`;
}

/** An encoding of more bytes than one a character. */
function wide(name: string): string {
  return `${name} text, expected UTF-8: iconv -f ${name} -t UTF-8 makes it so`;
}
