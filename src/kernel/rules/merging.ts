import { keepEmpty } from "../index/empty_sessions.ts";
import { removeSession } from "../index/session_index.ts";
import { noteGone, notePutDue } from "../session/changes.ts";
import { idPartitionOf, isMixed } from "../session/session.ts";
import { swallow } from "../session/session_memory.ts";
import { countMerged, noteMixed } from "./counts.ts";

/**
 * Merges two sessions of a key into the earlier one. The current visit is any
 * of theirs then.
 */
export function merge(earlier: usize, later: usize): usize {
  removeSession(later);
  noteGone(later);
  swallow(earlier, later);
  keepEmpty(later);
  countMerged(later);
  const areAlike = idPartitionOf(later) === idPartitionOf(earlier);
  if (isMixed(later) || !areAlike) noteMixed(earlier);
  notePutDue(earlier);
  return earlier;
}
