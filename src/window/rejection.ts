import * as codes from "../kernel/codes.ts";

/** Outcome of a record that is a visit. */
export const VISIT = codes.VISIT;

type Codes = typeof codes;
type RejectCode = Codes[Extract<keyof Codes, `REJECT_${string}`>];

const REASONS = {
  [codes.REJECT_EMPTY]: "empty",
  [codes.REJECT_TOO_LARGE]: "too_large",
  [codes.REJECT_NOT_UTF8]: "not_utf8",
  [codes.REJECT_NOT_JSON]: "not_json",
  [codes.REJECT_NOT_OBJECT]: "not_object",
  [codes.REJECT_VISIT_ID_MISSING]: "visit_id_missing",
  [codes.REJECT_VISIT_ID_INVALID]: "visit_id_invalid",
  [codes.REJECT_EVENT_TIME_MISSING]: "event_time_missing",
  [codes.REJECT_EVENT_TIME_INVALID]: "event_time_invalid",
  [codes.REJECT_EVENT_TIME_NO_OFFSET]: "event_time_no_offset",
  [codes.REJECT_EVENT_TIME_OUT_OF_RANGE]: "event_time_out_of_range",
  [codes.REJECT_EVENT_TIME_TOO_FAR_AHEAD]: "event_time_too_far_ahead",
  [codes.REJECT_PAGE_INVALID]: "page_invalid",
  [codes.REJECT_USER_ID_INVALID]: "user_id_invalid",
  [codes.REJECT_SESSION_FULL]: "session_full",
} as const satisfies Readonly<Record<RejectCode, string>>;

/** Why a record cannot be a visit. */
export type RejectionReason = (typeof REASONS)[RejectCode];

/**
 * All reasons, in the order in which they are looked for: the first that
 * applies counts.
 */
export const REJECTION_REASONS: readonly RejectionReason[] =
  Object.values(REASONS);

const CODES = new Map(
  Object.entries(REASONS).map(([code, reason]) => [reason, Number(code)]),
);

/** The outcome code of a reason. */
export function rejectionCode(reason: RejectionReason): number {
  return CODES.get(reason)!;
}

/** The reason of an outcome code other than `VISIT`. */
export function rejectionReason(code: number): RejectionReason {
  const reasons: Readonly<Record<number, RejectionReason>> = REASONS;
  const reason = reasons[code];
  if (reason === undefined) {
    throw new RangeError(`Cannot name rejection: code ${code} is unknown`);
  }
  return reason;
}
