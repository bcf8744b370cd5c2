import { notePutDue } from "../session/changes.ts";
import {
  forgetPlace,
  isToBePut,
  loggedBytesOf,
  newerPutOf,
  putCommitOf,
} from "../session/logged.ts";
import { pageBytesOf } from "../session/page_text.ts";
import { oldestPutOf } from "../session/put_list.ts";
import { keyLengthOf, userLengthOf, visitsOf } from "../session/session.ts";
import { countSwallowed } from "../session/swallowed.ts";
import {
  bytesBehind,
  chunkStartOf,
  firstChunkOf,
} from "../session/visit_chunks.ts";
import { baseTimeLengthOf } from "../session/visit_log.ts";

/*
 * Which sessions are put whole though the log has them: those whose last put is
 * so old that much of the log is kept for it, and those that many short records
 * tell of, since a restore takes as long as there are records.
 */

/** A session is put whole when its records are so many times as long as a put. */
const WORN_TIMES: i32 = 2;
/** Bytes of a put, about, beside its strings and visits. */
const PUT_BYTES: i32 = 40;
/** Bytes of a visit, about, beside its page. */
const VISIT_BYTES: i32 = 6;
/** Bytes of a swallowed id at most. */
const SWALLOWED_BYTES: i32 = 15;

/**
 * Has the sessions of a partition put whole with the next commit whose last put
 * is older than a commit: the oldest first, until they have so many bytes.
 */
export function renewPuts(
  partition: i32,
  beforeCommit: i32,
  bytesMax: f64,
): void {
  let bytes: f64 = 0;
  let session = oldestPutOf(partition);
  while (session !== 0 && putCommitOf(session) < beforeCommit) {
    if (bytes >= bytesMax) return;
    bytes += <f64>loggedBytesOf(session);
    notePutDue(session);
    session = newerPutOf(session);
  }
}

/**
 * Has a session that is to be written put whole, if the log has much more of it
 * than that takes. So the log is never more than twice as long as without this:
 * each put is as long as what was written since the one before, at most.
 */
export function renewIfWorn(session: usize): void {
  if (isToBePut(session)) return;
  const bytesMax = loggedBytesOf(session) / WORN_TIMES - PUT_BYTES;
  const timeLength = baseTimeLengthOf(session);
  const strings = keyLengthOf(session) + userLengthOf(session) + timeLength;
  const pages = pageBytesOf(session, timeLength);
  // This is near, and read in no time; the chunks may be many.
  if (strings + pages + VISIT_BYTES * visitsOf(session) > bytesMax) return;
  const chunk = firstChunkOf(session);
  const visits = bytesBehind(session, chunk, chunkStartOf(chunk));
  const swallowed = SWALLOWED_BYTES * countSwallowed(session);
  if (strings + swallowed + visits <= bytesMax) forgetPlace(session);
}
