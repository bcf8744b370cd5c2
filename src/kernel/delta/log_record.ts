/*
 * The value of a record of the window log, little-endian, packed; the record has
 * no key and no headers. Kinds of version 1; `{` begins a mark, which is not the
 * kernel's.
 *
 *     | kind u8 | commit u32 | keyHash i32 | idPartition i32 | idOffset f64 |
 *
 * and behind that, for a put or a grow, a message or a piece of one:
 *
 *     | behind u32 | startMs f64 | endMs f64 | revision i32 | unfired i32 |
 *     | visits i32 | userLength i32 |
 *     put:  keyLength i32 | swallowed i32 | timeLength i32 | key | user |
 *           | partition i32, offset f64 of each swallowed id | base time | visits
 *     grow: | user | visits
 *
 * A put has the session as it was up to a place in its log, a grow what came
 * behind that; `visits` counts those up to where it ends. They stand as in the
 * store (`visit_log.ts`). A session with more is a put and grows of one commit.
 * A message that is too long for a record is cut anywhere: `behind` says how many
 * bytes of it are in the next records of the same id, which have more of it
 * where this one has its start. idPartition is `~` of the partition when the
 * session is mixed.
 */
export const KIND_PUT: i32 = 0x11;
export const KIND_GROW: i32 = 0x12;
export const KIND_GONE: i32 = 0x13;
/** First byte of a mark. */
export const KIND_MARK: i32 = 0x7b;

export const COMMIT: usize = 1;
export const HASH: usize = 5;
export const ID_PARTITION: usize = 9;
export const ID_OFFSET: usize = 13;
/** All of a gone record. */
export const ID_END: i32 = 21;
export const BEHIND: usize = 21;
/** Where a message, or a piece of it, begins. */
export const MESSAGE: i32 = 25;

/** Places in a message. */
export const START_MS: usize = 0;
export const END_MS: usize = 8;
export const REVISION: usize = 16;
export const UNFIRED: usize = 20;
export const VISITS: usize = 24;
export const USER_LENGTH: usize = 28;
/** What a grow has in front of its strings. */
export const GROW_HEAD_BYTES: i32 = 32;
export const KEY_LENGTH: usize = 32;
export const SWALLOWED: usize = 36;
export const TIME_LENGTH: usize = 40;
export const PUT_HEAD_BYTES: i32 = 44;

/** Length of the user in a grow that leaves it as it is. */
export const SAME_USER: i32 = -2;

/** A swallowed id. */
export const SWALLOWED_OFFSET: usize = 4;
export const SWALLOWED_BYTES: i32 = 12;
