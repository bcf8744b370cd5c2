import { WALK_LARGEST, WALK_OLDEST } from "../codes.ts";
import { textBytesOf } from "../session/page_text.ts";
import { endMsOf, olderOf, startMsOf } from "../session/session.ts";
import { hashAt, sessionAt, slotCount } from "./key_table.ts";

/*
 * A walk over all sessions in several goes. Between two of them sessions come,
 * go and move in the table of keys, which may grow or shrink. So the walk goes by
 * classes: hashes with the same low bits, one class for each slot that the table
 * had when the walk began. The hash of a session is always the same: what is
 * there all the time is met once.
 *
 *     of 8 classes, in a table of 8 slots     class 3: from slot 3
 *                   when it has 16 slots      class 3: from slot 3, and from 11
 *                   when it has 4 slots       class 3: of what is from slot 3,
 *                                             hashes that end in 3 of 8
 *
 * Entries of a hash stand from the slot that it chooses up to the next free one.
 */

/** What a session that is told of costs, compared with one that is passed. */
const TOLD_LOOKS: i32 = 32;

/* Of the present go: nothing changes while it lasts. */
let classCount: i32 = 0;
let nextClass: i32 = 0;
let order: i32 = 0;
let looksLeft: i32 = 0;
/** Bits by which hashes are compared: those of the classes, or of more slots. */
let hashMask: i32 = 0;
/** Those of the hashes that are looked for. */
let wanted: i32 = 0;
let slot: i32 = 0;
/** The next session of the key that was found last. */
let ofKey: usize = 0;

/**
 * Begins a go at a class of so many, which ends when about so many sessions were
 * looked at; `walkOrder` is one of `WALK_...`.
 */
export function beginWalk(
  classes: i32,
  from: i32,
  looks: i32,
  walkOrder: i32,
): void {
  classCount = classes;
  nextClass = from;
  order = walkOrder;
  looksLeft = looks;
  hashMask = max(classes, slotCount()) - 1;
  ofKey = 0;
  beginClass();
}

/** The class that comes next; as many as there are when all have come. */
export function walkedTo(): i32 {
  return nextClass;
}

/** The next session with a rank above one; 0 at the end of the go. */
export function nextWalked(above: f64): usize {
  while (true) {
    while (ofKey !== 0) {
      const session = ofKey;
      ofKey = olderOf(session);
      looksLeft--;
      if (rankOf(session) <= above) continue;
      looksLeft -= TOLD_LOOKS;
      return session;
    }
    if (!findKey()) return 0;
  }
}

/** Goes on to the next key; false at the end of the go. */
function findKey(): bool {
  const slotMask = slotCount() - 1;
  while (true) {
    const session = sessionAt(slot);
    if (session !== 0) {
      const hash = hashAt(slot);
      slot = (slot + 1) & slotMask;
      if ((hash & hashMask) !== wanted) continue;
      ofKey = session;
      return true;
    }
    wanted += classCount;
    if (wanted > hashMask) {
      nextClass++;
      looksLeft--;
      if (nextClass === classCount || looksLeft <= 0) return false;
      beginClass();
    } else slot = wanted & slotMask;
  }
}

function beginClass(): void {
  wanted = nextClass;
  slot = wanted & (slotCount() - 1);
}

/** The higher it is, the sooner a session is told of. */
function rankOf(session: usize): f64 {
  if (order === WALK_OLDEST) return -startMsOf(session);
  if (order === WALK_LARGEST) return <f64>textBytesOf(session);
  return endMsOf(session);
}
