/** A JSON value; an object is a map of its members, the last of a name. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>;

const TOKEN =
  /[\t\n\r ]*([{}[\]:,]|"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][+-]?[0-9]+)?|true|false|null)/y;
const END = /[\t\n\r ]*$/y;
const ESCAPE = /\\(u(....)|.)/g;
const SHORT = new Map(
  Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }),
);

/**
 * Parses a JSON text after the letter of RFC 8259, one token a regular
 * expression finds at a time. Throws a `SyntaxError` for any other text.
 */
export function parseStrictJson(text: string): JsonValue {
  const parser = new Parser(text);
  const value = parser.value(parser.token());
  parser.expectEnd();
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  token(): string {
    TOKEN.lastIndex = this.#at;
    const token = TOKEN.exec(this.#text)?.[1];
    if (token === undefined) throw new SyntaxError(`no token at ${this.#at}`);
    this.#at = TOKEN.lastIndex;
    return token;
  }

  expectEnd(): void {
    END.lastIndex = this.#at;
    if (!END.test(this.#text)) throw new SyntaxError(`more at ${this.#at}`);
  }

  value(token: string): JsonValue {
    switch (token) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case "true":
      case "false":
        return token === "true";
      case "null":
        return null;
      default:
        if (token.startsWith('"')) return stringOf(token);
        if (/^[-0-9]/.test(token)) return Number(token);
        throw new SyntaxError(`no value at ${this.#at}`);
    }
  }

  #object(): JsonValue {
    const members = new Map<string, JsonValue>();
    let token = this.token();
    if (token === "}") return members;
    for (;;) {
      if (!token.startsWith('"')) throw new SyntaxError(`no key: ${token}`);
      this.#expect(":");
      members.set(stringOf(token), this.value(this.token()));
      if (!this.#isFollowed("}")) return members;
      token = this.token();
    }
  }

  #array(): JsonValue {
    const items: JsonValue[] = [];
    let token = this.token();
    if (token === "]") return items;
    for (;;) {
      items.push(this.value(token));
      if (!this.#isFollowed("]")) return items;
      token = this.token();
    }
  }

  /** True behind a comma, false behind `closer`. */
  #isFollowed(closer: string): boolean {
    const token = this.token();
    if (token === closer) return false;
    if (token !== ",") throw new SyntaxError(`${token} for , or ${closer}`);
    return true;
  }

  #expect(expected: string): void {
    const token = this.token();
    if (token !== expected) throw new SyntaxError(`${token} for ${expected}`);
  }
}

function stringOf(token: string): string {
  return token
    .slice(1, -1)
    .replace(ESCAPE, (_, letter: string, hex: string | undefined) =>
      hex === undefined
        ? (SHORT.get(letter) ?? letter)
        : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}
