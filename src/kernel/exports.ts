/*
 * All that TypeScript may use of the kernel. The compiler finds what
 * `export ... from` names only without the ending of the file.
 */

export { warmedSum } from "./index/cache_warmer";
export { failure } from "./memory/failure";
export {
  constantsEnd,
  isSlabUsed,
  noteGivenBack,
  SLAB_BYTES,
  slabsEnd,
  slabsSpare,
  slabsUsed,
} from "./memory/slabs";
export {
  batchedBytes,
  batchesLength,
  batchesOf,
  createBatches,
  limitBatches,
  takeBatches,
} from "./output/partition_batches";
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
  ODD,
  OFFSETS,
  OUTCOMES,
  PAGE_LENGTHS,
  PAGE_STARTS,
  PARTITIONS,
  RECORD_KEY_LENGTHS,
  RECORD_KEY_STARTS,
  RECORD_TIMES_MS,
  RECORDS,
  RECORDS_BYTES,
  ROWS_MAX,
  TIME_LENGTHS,
  TIME_STARTS,
  TIMESTAMPS_MS,
  USER_LENGTHS,
  USER_STARTS,
  VALUE_LENGTHS,
  VALUE_STARTS,
  VISIT,
} from "./rows/columns";
export { spillRoom } from "./rows/current_visit";
export {
  CLOCK_PARTITIONS,
  CLOCKS_MS,
  findForeign,
  gatherClocks,
  nextOther,
} from "./rows/rows";
export { openSessions, openVisits, unfiredVisits } from "./rules/counts";
export { dropMarked, dropMarks } from "./rules/forgetting";
export {
  BUSY,
  beginStep,
  DONE,
  FIRED_ONE,
  FULL,
  LATE,
  restart,
} from "./rules/windows";
export { setOrigin } from "./scan/record";
export { configure, scan, scanAlone, scannedTo, setNow } from "./scan/scan";
export {
  areaCount,
  areaLength,
  areaOf,
  createAreas,
  scatter,
  scatteredTo,
} from "./scan/scatter";
export { FIRED, FIRED_NUMBERS } from "./text/fired";
export { CONTEXT, CONTEXT_BYTES, setContext } from "./text/session_writer";
export { advance, applyVisits, createStore, rowAfter } from "./turns";
