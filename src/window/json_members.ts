import { BROKEN, JsonTokens } from "./json_tokens.ts";

const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const OPENING_BRACKET = 0x5b;
const COLON = 0x3a;
const COMMA = 0x2c;

/** Nesting that any record may have without more memory. */
const DEPTH = 1024;
const NO_MEMBER = -1;

/**
 * Finds the members of a JSON object (RFC 8259) by name, however deep the rest
 * of it is, and makes no objects of it: `JSON.parse` remembers the keys of
 * earlier texts, and may take a key of this one for one of those. The last one
 * of members with the same name counts.
 */
export class JsonMembers {
  readonly #names: readonly string[];
  readonly #nameBytes: readonly Buffer[];
  readonly #tokens = new JsonTokens();
  /** Where the values begin and end, by name; a missing one begins at -1. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  /** The brackets that close the containers which are open, outermost first. */
  #closers = new Uint8Array(DEPTH);
  #depth = 0;
  /** The name of the member, or `NO_MEMBER`, and where its value begins. */
  #member = NO_MEMBER;
  #valueStart = 0;
  /** Members that have none of the names. */
  others = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#nameBytes = names.map((name) => Buffer.from(name));
    this.#starts = new Int32Array(names.length);
    this.#ends = new Int32Array(names.length);
  }

  /** Reads a text that is valid UTF-8; says why it is no object, if it is none. */
  read(text: Buffer): "not_json" | "not_object" | null {
    this.#tokens.bytes = text;
    this.#starts.fill(-1);
    this.others = 0;
    this.#depth = 0;
    if (this.#closers.length > DEPTH) this.#closers = new Uint8Array(DEPTH);
    const start = this.#tokens.skipSpace(0);
    if (!this.#walk(start)) return "not_json";
    return text[start] === OPENING_BRACE ? null : "not_object";
  }

  /** The value of a member as it stands in the text; null when it is missing. */
  json(name: number): string | null {
    const start = this.#starts[name]!;
    if (start < 0) return null;
    return this.#tokens.bytes.toString("utf8", start, this.#ends[name]!);
  }

  /**
   * The value of a member that is a string, decoded. Null when it is null or
   * missing, undefined when it is anything else.
   */
  string(name: number): string | null | undefined {
    const json = this.json(name);
    if (json === null || json === "null") return null;
    return json.startsWith('"') ? decodeString(json) : undefined;
  }

  /** Walks over the value at `start`; false when it is broken, or not all. */
  #walk(start: number): boolean {
    const tokens = this.#tokens;
    const { bytes } = tokens;
    for (let at = start; ; ) {
      const first = bytes[at];
      if (first === OPENING_BRACE || first === OPENING_BRACKET) {
        const inside = tokens.skipSpace(at + 1);
        // The brackets that close are two above those that open.
        if (bytes[inside] !== first + 2) {
          this.#open(first + 2);
          at = this.#next(inside);
          if (at === BROKEN) return false;
          continue;
        }
        at = inside + 1;
      } else at = tokens.leaf(at);
      if (at === BROKEN) return false;
      at = this.#behindValue(at);
      if (this.#depth === 0) return at === bytes.length;
      if (at === BROKEN) return false;
    }
  }

  /** From behind a value to the next one, or to behind all. */
  #behindValue(from: number): number {
    const tokens = this.#tokens;
    const { bytes } = tokens;
    for (let at = from; ; ) {
      if (this.#depth === 1) this.#note(at);
      at = tokens.skipSpace(at);
      if (this.#depth === 0) return at;
      const byte = bytes[at++];
      if (byte === COMMA) return this.#next(tokens.skipSpace(at));
      if (byte !== this.#closers[this.#depth - 1]) return BROKEN;
      this.#depth--;
    }
  }

  /** From the key of a member, or from an item, to its value. */
  #next(at: number): number {
    if (this.#closers[this.#depth - 1] !== CLOSING_BRACE) return at;
    const tokens = this.#tokens;
    const keyEnd = tokens.string(at);
    if (keyEnd === BROKEN) return BROKEN;
    const isTop = this.#depth === 1;
    if (isTop) this.#member = this.#nameAt(at, keyEnd);
    const colon = tokens.skipSpace(keyEnd);
    if (tokens.bytes[colon] !== COLON) return BROKEN;
    const valueStart = tokens.skipSpace(colon + 1);
    if (isTop) this.#valueStart = valueStart;
    return valueStart;
  }

  #nameAt(start: number, end: number): number {
    const tokens = this.#tokens;
    if (tokens.hasEscape) {
      const key = tokens.bytes.toString("utf8", start, end);
      return this.#names.indexOf(decodeString(key));
    }
    return this.#nameBytes.findIndex((name) => tokens.isName(name, start, end));
  }

  /** Takes note of the outermost member whose value ends at `end`. */
  #note(end: number): void {
    if (this.#member === NO_MEMBER) {
      this.others++;
      return;
    }
    this.#starts[this.#member] = this.#valueStart;
    this.#ends[this.#member] = end;
  }

  #open(closer: number): void {
    if (this.#depth === this.#closers.length) {
      const grown = new Uint8Array(2 * this.#depth);
      grown.set(this.#closers);
      this.#closers = grown;
    }
    this.#closers[this.#depth++] = closer;
  }
}

/** A string has no keys that `JSON.parse` could mistake. */
function decodeString(json: string): string {
  return json.includes("\\") ? JSON.parse(json) : json.slice(1, -1);
}
