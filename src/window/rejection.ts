/** Outcome of a record that is a visit. */
export const VISIT = 0;

/**
 * Why a record cannot be a visit, in the order in which the reasons are
 * looked for: the first that applies counts. The outcome code of a rejected
 * record is its index here plus one.
 */
export const REJECTION_REASONS = [
  "empty",
  "too_large",
  "not_utf8",
  "not_json",
  "not_object",
  "visit_id_missing",
  "visit_id_invalid",
  "event_time_missing",
  "event_time_invalid",
  "event_time_no_offset",
  "event_time_out_of_range",
  "event_time_too_far_ahead",
  "page_invalid",
  "user_id_invalid",
] as const;

/** One of `REJECTION_REASONS`. */
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** The outcome code of a reason. */
export function rejectionCode(reason: RejectionReason): number {
  return REJECTION_REASONS.indexOf(reason) + 1;
}

/** The reason of an outcome code other than `VISIT`. */
export function rejectionReason(code: number): RejectionReason {
  const reason = REJECTION_REASONS[code - 1];
  if (reason === undefined) {
    throw new RangeError(`Cannot name rejection: code ${code} is unknown`);
  }
  return reason;
}
