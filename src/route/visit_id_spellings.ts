/** Words taken of each spelling. */
const WORDS_PER_SPELLING = 6;

/**
 * Every way in which JSON can write the key `visit_id`, its quotes included:
 * any of its characters may be an escape, with hex digits of either case.
 */
export function visitIdSpellings(): string[] {
  let spellings = ['"'];
  for (const character of "visit_id") {
    const hex = character.charCodeAt(0).toString(16).padStart(4, "0");
    const forms = new Set([character, `\\u${hex}`, `\\u${hex.toUpperCase()}`]);
    spellings = spellings.flatMap((head) =>
      [...forms].map((form) => head + form),
    );
  }
  return spellings.map((head) => `${head}"`);
}

/**
 * Little-endian words of four bytes, of which each spelling has one at each of
 * six places in a row: who looks at every sixth place of a text meets one of
 * them, wherever the key stands. They are those at the first escape, or at the
 * beginning, and rare in other text.
 */
export const KEY_WORDS: ReadonlySet<number> = new Set(
  visitIdSpellings().flatMap((spelling) => {
    const from = Math.max(0, spelling.indexOf("\\") - 3);
    const bytes = Buffer.from(spelling);
    return Array.from({ length: WORDS_PER_SPELLING }, (_, index) =>
      bytes.readInt32LE(from + index),
    );
  }),
);
