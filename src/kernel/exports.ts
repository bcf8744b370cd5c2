/*
 * All that TypeScript may use of the kernel. The compiler finds what
 * `export ... from` names only without the ending of the file.
 */

export {
  createLog,
  dropExport,
  exportChanges,
  exportWarmedSum,
} from "./delta/export_changes";
export { arePiecesLeft, dropPieces } from "./delta/message_pieces";
export { renewPuts } from "./delta/renewal";
export {
  leaveRestoreRoom,
  restoreRecords,
  restoreRoom,
  unknownKind,
} from "./delta/restore_records";
export { warmedSum } from "./index/cache_warmer";
export { firstSlot, nextSlot, sessionAt, slotCount } from "./index/key_table";
export { beginWalk, nextWalked, walkedTo } from "./index/session_walk";
export {
  firstPacked,
  lastPacked,
  packedLines,
  packedRecords,
  packedTo,
  packLines,
} from "./lines/pack_lines";
export { failure } from "./memory/failure";
export {
  constantsEnd,
  isSlabUsed,
  noteGivenBack,
  slabsEnd,
  slabsSpare,
  slabsUsed,
} from "./memory/slabs";
export {
  batchedBytes,
  batchesLength,
  batchesOf,
  createBatches,
  LOG_BATCHES,
  limitBatches,
  partitionCount,
  SESSION_BATCHES,
  takeBatches,
} from "./output/partition_batches";
export { SOURCE_TOPIC_ID, setSourceTopic } from "./output/session_headers";
export {
  appendedSessions,
  appendedVisits,
  appendFired,
  clearAppended,
} from "./output/session_record";
export {
  KEY_HASHES,
  KEY_LENGTHS,
  KEY_STARTS,
  OFFSETS,
  OUTCOMES,
  PAGE_LENGTHS,
  PAGE_STARTS,
  PARTITIONS,
  RECORD_KEY_LENGTHS,
  RECORD_KEY_STARTS,
  RECORD_STARTS,
  RECORD_TIMES_MS,
  RECORDS,
  TIME_LENGTHS,
  TIME_STARTS,
  TIMESTAMPS_MS,
  USER_LENGTHS,
  USER_STARTS,
  VALUE_LENGTHS,
  VALUE_STARTS,
} from "./rows/columns";
export { spillRoom } from "./rows/current_visit";
export {
  CLOCK_PARTITIONS,
  CLOCKS_MS,
  findForeign,
  gatherClocks,
  nextOther,
} from "./rows/rows";
export {
  clearFirings,
  firingsFor,
  mixedSessions,
  openMixedSessions,
  openSessions,
  openVisits,
  revisions,
  unfiredVisits,
} from "./rules/counts";
export { clearStore, dropMarked, dropMarks } from "./rules/forgetting";
export { OPEN, tellOf } from "./rules/open_session";
export { beginStep, restart } from "./rules/windows";
export { setOrigin } from "./scan/record";
export { configure, scan, scannedTo, setNow } from "./scan/scan";
export { changedCount, goneCount } from "./session/changes";
export {
  liveBytesOf,
  oldestCommitOf,
  putPartitions,
} from "./session/put_list";
export { olderOf } from "./session/session";
export { FIRED } from "./text/fired";
export {
  CONTEXT,
  releaseRoom,
  setContext,
  textStart,
  writeIfSmall,
} from "./text/session_writer";
export {
  clearGroup,
  createGroups,
  groupAt,
  groupCount,
  groupedTo,
  groupLength,
  groupRows,
} from "./transit/group";
export { unpackedTo, unpackRows } from "./transit/unpack";
export { advance, applyVisits, createStore, rowAfter } from "./turns";
