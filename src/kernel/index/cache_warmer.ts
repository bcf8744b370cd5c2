import { intAt } from "../bytes/int_list.ts";
import { VISIT } from "../codes.ts";
import { KEY_HASHES, OUTCOMES } from "../rows/columns.ts";
import { keyHashOf, userOf, visitsOf } from "../session/session.ts";
import { chunkAfter, firstChunkOf, tailOf } from "../session/visit_chunks.ts";
import { sessionAt, slotWord } from "./key_table.ts";
import { guessNewest } from "./session_index.ts";

/*
 * Looks at the memory that the next visits will need, before they are applied,
 * or the next records of the window log, before they are taken.
 *
 * Sessions lie anywhere in memory, so nearly every visit misses the caches: at
 * its table slot, then at the session, then at the end of its log, each known
 * only when the one before has come. One visit after the other, the processor
 * would wait for each miss in turn. Here each loop takes one of these steps for
 * many visits, whose misses do not depend on each other: they overlap. Nothing
 * is changed, and a wrong guess costs only time.
 */

/** Visits that are looked at together: their lines fit into the first cache. */
export const WARM_VISITS: i32 = 64;
/** Slots that are looked at together; half of them have a session. */
const WARM_SLOTS: i32 = 64;

const PLACES: usize = memory.data(4 * WARM_VISITS, 16);

/** Takes what was read. It is exported, or the compiler would take it out. */
export let warmedSum: u32 = 0;

/** Warms up for the visits in the rows `[from, end)`. */
export function warmVisits(from: i32, end: i32): void {
  let count: usize = 0;
  for (let row = from; row < end; row++) {
    if (load<u8>(OUTCOMES + row) !== VISIT) continue;
    count = addGuess(intAt(KEY_HASHES, row), count);
  }
  warmTails(count, 0);
}

/** Warms up for the sessions of so many hashes, at most `WARM_VISITS`. */
export function warmHashes(hashes: usize, count: i32): void {
  let sum: u32 = 0;
  // A search ends where it finds what it looks for: it would wait for each slot.
  for (let i = 0; i < count; i++) sum += slotWord(intAt(hashes, i));
  let guesses: usize = 0;
  for (let i = 0; i < count; i++) {
    guesses = addGuess(intAt(hashes, i), guesses);
  }
  warmTails(guesses, sum);
}

/** Puts the session of a hash, if there is one, behind so many others. */
function addGuess(keyHash: i32, count: usize): usize {
  const session = guessNewest(keyHash);
  if (session === 0) return count;
  store<usize>(PLACES + (count << 2), session);
  return count + 1;
}

/** Reads so many sessions and their tails, adding to what was read before. */
function warmTails(count: usize, before: u32): void {
  let sum = before;
  for (let i: usize = 0; i < count; i++) {
    const session = load<usize>(PLACES + (i << 2));
    store<usize>(PLACES + (i << 2), tailOf(session));
    sum += linesOf(session);
  }
  for (let i: usize = 0; i < count; i++) {
    sum += load<u8>(load<usize>(PLACES + (i << 2)) - 1);
  }
  warmedSum = sum;
}

/** Reads the lines of a session, of which the last has its user. */
function linesOf(session: usize): u32 {
  return (
    load<u32>(session, 64) + load<u32>(session, 128) + load<u32>(session, 192)
  );
}

/**
 * To be called at each slot of a walk through all: now and then warms up for the
 * deadlines of the newest sessions of the next slots.
 */
export function warmSlots(from: i32): void {
  if (from % WARM_SLOTS !== 0) return;
  let sum: u32 = 0;
  // A table has a multiple of so many slots.
  for (let slot = from; slot < from + WARM_SLOTS; slot++) {
    const session = sessionAt(slot);
    if (session !== 0) sum += load<u32>(session);
  }
  warmedSum = sum;
}

/** Warms up for the firing of so many sessions, at most `WARM_VISITS`. */
export function warmSessions(sessions: usize, length: i32): void {
  let sum: u32 = 0;
  for (let i = 0; i < length; i++) sum += linesOf(intAt(sessions, i));
  let count: usize = 0;
  for (let i = 0; i < length; i++) {
    const session = <usize>intAt(sessions, i);
    if (visitsOf(session) === 0) continue;
    sum += <u32>guessNewest(keyHashOf(session));
    sum += load<u8>(userOf(session));
    sum += load<u8>(tailOf(session) - 1);
    const chunk = firstChunkOf(session);
    sum += load<u32>(chunk, 64);
    store<usize>(PLACES + (count++ << 2), chunk);
  }
  for (let i: usize = 0; i < count; i++) {
    const next = chunkAfter(load<usize>(PLACES + (i << 2)));
    if (next !== 0)
      sum += load<u32>(next) + load<u32>(next, 64) + load<u32>(next, 128);
  }
  warmedSum = sum;
}
