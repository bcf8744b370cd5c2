import * as faults from "../../src/kernel/verify/faults.ts";

type Faults = typeof faults;
/** The number of a fault that `verifyStore` finds. */
export type Fault = Faults[keyof Faults];

const SENTENCES: Readonly<Record<Fault, string>> = {
  [faults.FAULT_NONE]: "nothing is wrong",
  [faults.FAULT_TOO_LARGE]: "the store is too large to be walked",
  [faults.FAULT_SLAB]: "the description of a slab contradicts itself",
  [faults.FAULT_SLAB_COUNTS]:
    "the slabs in use, or free, are not as many as counted",
  [faults.FAULT_FREE_LIST]:
    "the list of a slab's free blocks leaves the slab, comes twice to a block, or has another length than counted",
  [faults.FAULT_FREED_WRITTEN]: "a block was written after it was freed",
  [faults.FAULT_OPEN_SLABS]:
    "the lists of slabs with a free block are not the slabs that have one",
  [faults.FAULT_NO_BLOCK]: "something points to where no block is",
  [faults.FAULT_HELD_TWICE]:
    "a block is held by two, or held by one and free as well",
  [faults.FAULT_NOT_HELD]: "a block is in use, but nothing holds it",
  [faults.FAULT_KEY_COUNT]: "the table has another number of keys than counted",
  [faults.FAULT_HASH]:
    "a session's hash is not that of its key, or not that of its slot",
  [faults.FAULT_PROBE]: "a free slot lies between a key's hash and its slot",
  [faults.FAULT_KEY_TWICE]: "a key has two slots",
  [faults.FAULT_CHAIN_KEY]: "an older session is of another key",
  [faults.FAULT_CHAIN_ORDER]:
    "two sessions of a key touch, or are not latest first",
  [faults.FAULT_WINDOW]: "a window is shorter than the gap",
  [faults.FAULT_SESSION_COUNTS]:
    "a session's visits, unfired visits, revision and id contradict each other",
  [faults.FAULT_USER]: "a user is longer than its room",
  [faults.FAULT_LOG_CHUNKS]: "the chunks of a log do not fit together",
  [faults.FAULT_LOG_VISITS]:
    "a log has other visits, or bytes, than its session counts",
  [faults.FAULT_SWALLOWED]: "a session that never fired has swallowed ids",
  [faults.FAULT_EMPTY_LIST]: "the list of merged sessions is broken",
  [faults.FAULT_ENTRY_WITHOUT_SESSION]:
    "a deadline is of a session that nothing leads to",
  [faults.FAULT_ENTRY_TWICE]: "a session has two valid deadlines",
  [faults.FAULT_ENTRY_MISSING]: "a session has no valid deadline",
  [faults.FAULT_ENTRY_TOO_LATE]:
    "a session comes up later than its deadline is",
  [faults.FAULT_WHEEL]:
    "an entry of the wheel lies in the past, or a level has more or fewer than counted",
  [faults.FAULT_MIXED_SESSIONS]:
    "the sessions of several partitions are not as many as counted",
  [faults.FAULT_OPEN_SESSIONS]: "the sessions are not as many as counted",
  [faults.FAULT_OPEN_VISITS]: "the visits are not as many as counted",
  [faults.FAULT_CHANGED]:
    "the list of changed sessions is not the sessions that are changed",
  [faults.FAULT_PUTS]:
    "the sessions that the window log has are not those listed by their puts, in order, with their bytes",
  [faults.FAULT_LOGGED]:
    "a session is not where the window log has it up to, and is not listed as changed",
  [faults.FAULT_UNFIRED_VISITS]:
    "the unfired visits are not as many as counted",
};

/** What a fault is, in words. */
export function faultSentence(fault: number): string {
  const sentences: Readonly<Record<number, string>> = SENTENCES;
  return sentences[fault] ?? `unknown fault ${fault}`;
}
