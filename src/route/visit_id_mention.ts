import { KEY_WORDS } from "./visit_id_spellings.ts";

/** Bytes from one look to the next; see `KEY_WORDS`. */
const STRIDE = 6;
const TABLE_BITS = 10;
const TABLE_SHIFT = 32 - TABLE_BITS;
const MULTIPLIERS_MAX = 10_000;

const MULTIPLIER = findMultiplier();
/** Each key word at the place that its hash gives, no two at the same. */
const TABLE = new Int32Array(1 << TABLE_BITS);
for (const word of KEY_WORDS) TABLE[slotOf(word, MULTIPLIER)] = word;

/**
 * True when `[from, end)` may name the key `visit_id`, in any spelling. False
 * is certain. Looks at four bytes of every six, and not at the rest.
 */
export function mayNameVisitId(
  view: DataView,
  from: number,
  end: number,
): boolean {
  for (let at = from, lastWord = end - 4; at <= lastWord; at += STRIDE) {
    const word = view.getInt32(at, true);
    const slot = Math.imul(word, MULTIPLIER) >>> TABLE_SHIFT;
    if (TABLE[slot] === word) return true;
  }
  return false;
}

function slotOf(word: number, multiplier: number): number {
  return Math.imul(word, multiplier) >>> TABLE_SHIFT;
}

/** The first multiplier that hashes the key words without a collision. */
function findMultiplier(): number {
  let multiplier = 0x9e3779b1 | 0;
  for (let tries = 0; tries < MULTIPLIERS_MAX; tries++) {
    const slots = new Set<number>();
    for (const word of KEY_WORDS) slots.add(slotOf(word, multiplier));
    if (slots.size === KEY_WORDS.size) return multiplier;
    multiplier = (multiplier + 0x3c6ef372) | 0;
  }
  throw new Error("Cannot hash the spellings of visit_id: no multiplier fits");
}
