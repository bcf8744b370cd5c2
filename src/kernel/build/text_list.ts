import { CLOSE_REASONS, FINAL_TEXTS, METADATA } from "../host/session_names.ts";

const FIRST_PAGE = '{"page": "';
const PAGE_END = '"}';
const PAGE_SEPARATOR = ", ";

/** Fixed texts of a session's JSON. */
export const TEXTS: Readonly<Record<string, string>> = {
  SESSION_START: '{"visit_id": "',
  START_TIME: '", "start_time": "',
  END_TIME: '", "end_time": "',
  VISITED_PAGES: `", "visited_pages": [[${FIRST_PAGE}`,
  FIRST_PAGE,
  PAGE_TIME: '", "event_time": "',
  NEXT_PAGE: `${PAGE_END}${PAGE_SEPARATOR}${FIRST_PAGE}`,
  PAGE_END,
  PAGE_SEPARATOR,
  USER_ID: ']], "user_id": ["',
  USER_ID_END: '"',
  NULL_USER_ID: ']], "user_id": [null',
  NULL: "null",
};

/** Texts of two or four bytes, which are compared and written as numbers. */
export const WORDS: Readonly<Record<string, string>> = {
  NULL: "null",
  TRUE: "true",
  FALS: "fals",
  PAGE: "page",
  USER: "user",
  R_ID: "r_id",
  VISI: "visi",
  T_ID: "t_id",
  EVEN: "even",
  T_TI: "t_ti",
  TIME: "time",
  UTC_HEAD: "+00:",
  UTC_TAIL: "00",
  UNICODE_ESCAPE: "\\u",
  PAGE_SEPARATOR,
};

/** Headers of a record whose value differs: their names. */
export const HEADER_NAMES: Readonly<Record<string, string>> = {
  SESSION_ID: METADATA.sessionId,
  REVISION: METADATA.revision,
  SUPERSEDES: METADATA.supersedes,
  SOURCE_TOPIC_ID: METADATA.sourceTopicId,
};

/** Headers whose value is one of a few, by its code: name and values. */
export const HEADERS: Readonly<Record<string, [string, readonly string[]]>> = {
  FINAL: [METADATA.final, FINAL_TEXTS],
  CLOSE_REASON: [METADATA.closeReason, CLOSE_REASONS],
};
