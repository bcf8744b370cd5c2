/*
 * The kernel for tests: what the product may use, what checks the store, and
 * what a test puts faults in with.
 */
export * from "./exports";
export { tableBlock } from "./index/key_table";
export { allocate, free } from "./memory/arena";
export { countSession, countVisit } from "./rules/counts";
export {
  CHANGED_AT,
  LOGGED_BYTES,
  LOGGED_PLACE,
  PUT_COMMIT,
} from "./session/logged";
export {
  END_MS,
  FIRST_CHUNK,
  KEY_HASH,
  OLDER,
  START_MS,
  TAIL,
  TICKET,
  UNFIRED,
  USER_LENGTH,
  VISITS,
} from "./session/session";
export { verifyStore } from "./verify/verify_store";
