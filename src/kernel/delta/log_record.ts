/*
 * The value of a record of the window log; the record has no key and no headers.
 * Kinds of version 1; `{` begins a mark, which is not the kernel's. What has no
 * type is a zigzag varint as Kafka has them; the hash is little-endian.
 *
 *     | kind u8 | keyHash i32 | idPartition | idOffset |
 *     put:    | commit |
 *     piece:  | behind |
 *
 * and behind that, for a put or a grow, a message or a piece of one:
 *
 *     | parts u8 | [start] | length | visits | [revision | unfired] |
 *     | [userLength] |
 *     put:  keyLength | swallowed | timeLength | key | user |
 *           | partition, offset of each swallowed id | base time | visits
 *     grow: | user | visits
 *
 * A put has the session as it was up to a place in its log, a grow what came
 * behind that; `visits` counts those up to where it ends. They stand as in the
 * store (`visit_log.ts`). A session with more is a put and grows of one commit.
 * `parts` says which of those in brackets are there: a grow has start and user
 * only when they have changed; a session that has fired none of its visits has
 * no revision, and all of them are unfired. `length` is from start to end; both
 * are in ms, or in seconds if `parts` says so. A userLength of -1 is null.
 *
 * A message that is too long for a record is cut anywhere: `behind` says how many
 * bytes of it are in the next records of the same id, which have more of it
 * where this one has its start. idPartition is `~` of the partition when the
 * session is mixed.
 */
export const KIND_PUT: i32 = 0x11;
export const KIND_GROW: i32 = 0x12;
export const KIND_GONE: i32 = 0x13;
/** Set in the kind of a put or a grow that is in pieces. */
export const IN_PIECES: i32 = 4;
/** First byte of a mark. */
export const KIND_MARK: i32 = 0x7b;

/** Places in a record. */
export const HASH: usize = 1;
export const ID_PARTITION: usize = 5;

/** Bits of `parts`. */
export const HAS_START: i32 = 1;
export const HAS_USER: i32 = 2;
export const HAS_FIRED: i32 = 4;
export const IN_SECONDS: i32 = 8;

/** Bytes that may be read, not believed, behind the end of a value. */
export const SLACK_BYTES: i32 = 64;
