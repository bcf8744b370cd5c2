/*
 * The numbers that the kernel and TypeScript tell each other, by name. The one
 * file that the kernel's compiler, tsc and Node all read: plain constants, and
 * nothing else.
 */

/* ---- Sizes ---- */

/** Bytes of records that one call of `scan` can read. */
export const RECORDS_BYTES = 262144;

/** Rows that one call of `scan` can fill. */
export const ROWS_MAX = 1024;

/** Bytes of rows that wait for one shard: less than `RECORDS_BYTES` takes. */
export const GROUP_BYTES = 65536;

/** The most bytes of what ends every session. */
export const CONTEXT_BYTES = 512;

/** The most bytes of the id of the topic that is read. */
export const TOPIC_ID_BYTES = 64;

/** Memory is taken in slabs of so many bytes. */
export const SLAB_SHIFT = 18;
export const SLAB_BYTES = 1 << SLAB_SHIFT;

/* ---- Bounds on one session, in bytes of its pages as JSON ---- */

/** A session takes no visit that would make it larger: 256 MiB. */
export const SESSION_BYTES_MAX = 268435456;

/** What late visits can make a session put out again, in all: 32 MiB. */
export const REFIRE_BYTES_MAX = 33554432;

/* ---- What became of a record: outcomes of a row ---- */

/** The row is filled with a visit. */
export const VISIT = 0;

/*
 * The record is no visit, in the order in which the reasons are looked for.
 * The scanner gives none of these: it leaves such a record undecided.
 */
export const REJECT_EMPTY = 1;
export const REJECT_TOO_LARGE = 2;
export const REJECT_NOT_UTF8 = 3;
export const REJECT_NOT_JSON = 4;
export const REJECT_NOT_OBJECT = 5;
export const REJECT_VISIT_ID_MISSING = 6;
export const REJECT_VISIT_ID_INVALID = 7;
export const REJECT_EVENT_TIME_MISSING = 8;
export const REJECT_EVENT_TIME_INVALID = 9;
export const REJECT_EVENT_TIME_NO_OFFSET = 10;
export const REJECT_EVENT_TIME_OUT_OF_RANGE = 11;
export const REJECT_EVENT_TIME_TOO_FAR_AHEAD = 12;
export const REJECT_PAGE_INVALID = 13;
export const REJECT_USER_ID_INVALID = 14;
/** A visit, but its session takes no more: see `TURN_SESSION_FULL`. */
export const REJECT_SESSION_FULL = 15;

/**
 * The row is filled, but a string with a length below -1 is not in canonical
 * form: its length is minus that with the quotes, and such a key has no hash.
 */
export const ODD = 254;
/** What the record is, another must say. */
export const UNDECIDED = 255;

/* ---- A row on its way from the thread that scanned it to its shard ---- */

/*
 * Little-endian, one row behind the other: a header, and behind it the strings
 * of key, user, page and event time. A rejected row has none.
 */

/** u32: the hash of the `visit_id`; of a rejected row, its outcome. */
export const ROW_HASH = 0;
/** u32: where the whole record begins, in the bytes that the row's part names. */
export const ROW_PLACE = 4;
/** f64: its offset. */
export const ROW_OFFSET = 8;
/** f64: its event time, ms. */
export const ROW_TIME_MS = 16;
/** u16 each: the lengths of the strings. */
export const ROW_KEY_LENGTH = 24;
export const ROW_USER_LENGTH = 26;
export const ROW_PAGE_LENGTH = 28;
export const ROW_TIME_LENGTH = 30;
export const ROW_HEADER_BYTES = 32;

/** The length of null. */
export const ROW_NULL = 0xffff;
/**
 * Stands for the length of the key where the row is long: then the lengths follow
 * as four i32, -1 for null. TypeScript alone writes and reads such rows; all
 * rows of more than `GROUP_BYTES` are of this form.
 */
export const ROW_LONG = 0xfffe;

/* ---- What `applyVisits` and `advance` answer ---- */

/** Nothing is left to do. */
export const TURN_DONE = 0;
/** The visit of the last row that was looked at is late. */
export const TURN_LATE = 1;
/** A session was fired: see the numbers of a firing. */
export const TURN_FIRED = 2;
/** There is more to do, but others should get their turn before. */
export const TURN_BUSY = 3;
/** A session was fired and is in its batch; the batches are full now. */
export const TURN_FULL = 4;
/** The session of the last row that was looked at has no room for the visit. */
export const TURN_SESSION_FULL = 5;

/* ---- What `restoreRecords` answers ---- */

export const RESTORE_DONE = 0;
/** A record is of a kind that is not known: of a newer version. */
export const RESTORE_UNKNOWN = 1;
/** A record does not fit together, or not to those before it. */
export const RESTORE_DAMAGED = 2;

/* ---- The order of the pages of a session ---- */

/** By their event times as text. */
export const PAGE_ORDER_TEXT = 0;
/** By the instants that these stand for. */
export const PAGE_ORDER_TIME = 1;

/* ---- Why a session was put out ---- */

export const CLOSE_GAP = 0;
export const CLOSE_LATE_UPDATE = 1;
export const CLOSE_END_OF_INPUT = 2;
export const CLOSE_MAX_DURATION = 3;
export const CLOSE_END_MARKER = 4;
export const CLOSE_IDLE_FLUSH = 5;
/** How many reasons there are. */
export const REASONS = 6;

/* ---- What is told of the last firing: places in a list of doubles ---- */

/** Where the JSON stands, and how long it is. */
export const FIRED_VALUE = 0;
export const FIRED_VALUE_LENGTH = 1;
/** Where the key stands in it. */
export const FIRED_KEY = 2;
export const FIRED_KEY_LENGTH = 3;
export const FIRED_KEY_HASH = 4;
/** Partition and offset of the visit that opened the session: its id. */
export const FIRED_ID_PARTITION = 5;
export const FIRED_ID_OFFSET = 6;
export const FIRED_REVISION = 7;
/** 1 for the last firing of a session. */
export const FIRED_FINAL = 8;
export const FIRED_END_MS = 9;
export const FIRED_VISITS = 10;
export const FIRED_NEW_VISITS = 11;
/** How many fired ids the session has swallowed, and where they are listed. */
export const FIRED_SWALLOWED = 12;
export const FIRED_SWALLOWED_IDS = 13;
/** One of the reasons above. */
export const FIRED_CLOSE_REASON = 14;
/** How many places there are. */
export const FIRED_NUMBERS = 15;

/** Bytes of a listed id: its partition and, behind it, its offset, as doubles. */
export const LISTED_ID_BYTES = 16;
export const LISTED_ID_OFFSET = 8;

/* ---- What is told of an open session: places in a list of doubles ---- */

/** Where its key stands, and how long it is. */
export const OPEN_KEY = 0;
export const OPEN_KEY_LENGTH = 1;
/** Partition and offset of the visit that opened it: its id. */
export const OPEN_ID_PARTITION = 2;
export const OPEN_ID_OFFSET = 3;
export const OPEN_START_MS = 4;
export const OPEN_END_MS = 5;
export const OPEN_LAST_VISIT_MS = 6;
export const OPEN_VISITS = 7;
export const OPEN_UNFIRED = 8;
/** Bytes of its pages as JSON. */
export const OPEN_BYTES = 9;
export const OPEN_FIRINGS = 10;
/** 1 when it has visits of several partitions. */
export const OPEN_MIXED = 11;
/** How many places there are. */
export const OPEN_NUMBERS = 12;

/* ---- Which open sessions a walk tells of first ---- */

/** Those that began first. */
export const WALK_OLDEST = 0;
/** Those whose pages take most bytes as JSON. */
export const WALK_LARGEST = 1;
/** Those whose last visit is the newest. */
export const WALK_LATEST = 2;

/* ---- What the kernel gave up for ---- */

/** It has come to a place without a reason of its own. */
export const FAIL_UNREACHABLE = 0;
export const FAIL_NO_MEMORY = 1;
export const FAIL_FREED_TWICE = 2;
export const FAIL_KEY_NOT_IN_TABLE = 3;
export const FAIL_MORE_FIRED = 4;
export const FAIL_MORE_FORGOTTEN = 5;
export const FAIL_BEHIND_WHEEL = 6;
export const FAIL_PAGES_DO_NOT_ADD_UP = 7;
export const FAIL_UNKNOWN_CLOSE_REASON = 8;

/** More than the constants and tables of the kernel take. */
export const CONSTANTS_BYTES_MAX = 2 * 1024 * 1024;
