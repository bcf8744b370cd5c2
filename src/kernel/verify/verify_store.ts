import {
  batchesBlock,
  batchesOf,
  LOG_BATCHES,
  partitionCount,
  SESSION_BATCHES,
} from "../output/partition_batches.ts";
import { spillBlock } from "../rows/current_visit.ts";
import {
  openMixedSessions,
  openSessions,
  openVisits,
  unfiredVisits,
} from "../rules/counts.ts";
import { listedIds } from "../session/swallowed.ts";
import {
  textStart,
  textTimes,
  usualText,
  usualTimes,
} from "../text/session_writer.ts";
import { hold, holdIfAny, verifyAllHeld, verifySlabs } from "./blocks.ts";
import { verifyChanges } from "./changes.ts";
import { verifyDeadlines } from "./deadlines.ts";
import {
  FAULT_MIXED_SESSIONS,
  FAULT_NONE,
  FAULT_OPEN_SESSIONS,
  FAULT_OPEN_VISITS,
  FAULT_TOO_LARGE,
  FAULT_UNFIRED_VISITS,
} from "./faults.ts";
import { verifyKeys } from "./keys.ts";
import { clearMarks } from "./marks.ts";
import {
  allMixed,
  allUnfired,
  allVisits,
  clearSums,
  liveSessions,
  verifyEmpty,
} from "./sessions.ts";

/**
 * Walks all that the store holds, between two calls of it: 0 when it is sound,
 * or one of the faults, the first that was found. It changes nothing.
 */
export function verifyStore(): i32 {
  if (!clearMarks()) return FAULT_TOO_LARGE;
  clearSums();
  let fault = verifySlabs();
  if (fault === FAULT_NONE) fault = verifyKeys();
  if (fault === FAULT_NONE) fault = verifyEmpty();
  if (fault === FAULT_NONE) fault = verifyDeadlines();
  if (fault === FAULT_NONE) fault = verifyChanges();
  if (fault === FAULT_NONE) fault = verifyCounts();
  if (fault === FAULT_NONE) fault = verifyRooms();
  if (fault === FAULT_NONE) fault = verifyBatches();
  return fault === FAULT_NONE ? verifyAllHeld() : fault;
}

function verifyCounts(): i32 {
  if (liveSessions !== openSessions()) return FAULT_OPEN_SESSIONS;
  if (allVisits !== openVisits()) return FAULT_OPEN_VISITS;
  if (allUnfired !== unfiredVisits()) return FAULT_UNFIRED_VISITS;
  return allMixed === openMixedSessions() ? FAULT_NONE : FAULT_MIXED_SESSIONS;
}

/** Takes note of the rooms for texts. */
function verifyRooms(): i32 {
  let fault = hold(usualText());
  if (fault === FAULT_NONE) fault = hold(usualTimes());
  const isUnusual = textStart() !== usualText();
  if (fault === FAULT_NONE && isUnusual) fault = hold(textStart());
  if (fault === FAULT_NONE && isUnusual) fault = hold(textTimes());
  if (fault === FAULT_NONE) fault = holdIfAny(spillBlock());
  return fault === FAULT_NONE ? holdIfAny(listedIds()) : fault;
}

/** Takes note of the batches. */
function verifyBatches(): i32 {
  const fault = verifyAreas(SESSION_BATCHES);
  return fault === FAULT_NONE ? verifyAreas(LOG_BATCHES) : fault;
}

function verifyAreas(batches: usize): i32 {
  let fault = holdIfAny(batchesBlock(batches));
  for (let i = 0; fault === FAULT_NONE && i < partitionCount(batches); i++) {
    fault = holdIfAny(batchesOf(batches, i));
  }
  return fault;
}
