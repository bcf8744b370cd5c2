/*
 * How the visits of a session lie in its chunks, in order of arrival:
 *
 *     text block ---> chunk ------------> chunk ------------> last chunk <--- row
 *                     | next | used |     | next | used |     | NONE | - |
 *                     | visit visit |     | visit visit |     | visit  <-- tail
 *                     | visit ...   |     | ...         |     | spare ...
 *
 * A visit is three bytes, its lengths where they do not fit into those, and
 * the strings. The event times of a session have most bytes in common, so a
 * time of the same length as the session's base time is stored as the bytes
 * that differ from it:
 *
 *     base time        2024-06-01T01:12:04+00:00
 *     this time        2024-06-01T01:15:31+00:00
 *                                     ^^^^ changed: 4 bytes from byte 15
 *
 *     | first changed | changed bytes | page length |
 *     | whole time length, int32 | page length, int32 | time ... | page ... |
 *       if WHOLE_TIME              if LONG_PAGE
 */

/** Word of a chunk: address of the next one, NONE in the last. */
export const NEXT_CHUNK = 0;

/** Word of a chunk: bytes in use, header included; not kept in the last. */
export const USED_BYTES = 1;

/** Bytes before the visits. */
export const CHUNK_HEADER_BYTES = 8;

/** First byte of a visit whose time is not stored as a change of the base. */
export const WHOLE_TIME = 255;

/** The longest time that can be stored as a change. */
export const SHARED_TIME_MAX = 254;

/** Page length byte of a page of this many bytes or more. */
export const LONG_PAGE = 254;

/** Page length byte of null. */
export const NULL_PAGE = 255;
