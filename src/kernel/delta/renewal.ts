import { notePutDue } from "../session/changes.ts";
import { loggedBytesOf, newerPutOf, putCommitOf } from "../session/logged.ts";
import { oldestPutOf } from "../session/put_list.ts";

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
