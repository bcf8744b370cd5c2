/*
 * What `verifyStore` finds, by name. As `codes.ts`, read by asc, tsc and Node:
 * plain constants.
 */
export const FAULT_NONE = 0;
export const FAULT_TOO_LARGE = 1;
export const FAULT_SLAB = 2;
export const FAULT_SLAB_COUNTS = 3;
export const FAULT_FREE_LIST = 4;
export const FAULT_FREED_WRITTEN = 5;
export const FAULT_OPEN_SLABS = 6;
export const FAULT_NO_BLOCK = 7;
export const FAULT_HELD_TWICE = 8;
export const FAULT_NOT_HELD = 9;
export const FAULT_KEY_COUNT = 10;
export const FAULT_HASH = 11;
export const FAULT_PROBE = 12;
export const FAULT_KEY_TWICE = 13;
export const FAULT_CHAIN_KEY = 14;
export const FAULT_CHAIN_ORDER = 15;
export const FAULT_WINDOW = 16;
export const FAULT_SESSION_COUNTS = 17;
export const FAULT_USER = 18;
export const FAULT_LOG_CHUNKS = 19;
export const FAULT_LOG_VISITS = 20;
export const FAULT_SWALLOWED = 21;
export const FAULT_EMPTY_LIST = 22;
export const FAULT_ENTRY_WITHOUT_SESSION = 23;
export const FAULT_ENTRY_TWICE = 24;
export const FAULT_ENTRY_MISSING = 25;
export const FAULT_ENTRY_TOO_LATE = 26;
export const FAULT_WHEEL = 27;
export const FAULT_OPEN_SESSIONS = 28;
export const FAULT_OPEN_VISITS = 29;
export const FAULT_UNFIRED_VISITS = 30;
export const FAULT_MIXED_SESSIONS = 31;
export const FAULT_CHANGED = 32;
export const FAULT_PUTS = 33;
export const FAULT_LOGGED = 34;
