import type { SourceSpec } from "../config/config.ts";
import { formatPlace } from "../config/place_types.ts";
import { WorldError } from "../errors.ts";
import { countText } from "../observe/number_text.ts";
import type { WarningLog } from "../observe/rate_limited_warning.ts";
import type { RunSummary } from "../observe/run_summary.ts";
import { reasonsText } from "../observe/summary_text.ts";

/** How an input that holds nothing of use is told. */
export interface VerdictOptions {
  readonly from: SourceSpec;
  readonly allowEmpty: boolean;
  readonly log: WarningLog;
  /** A warning has said what the first record looks like. */
  readonly hasToldLooks: boolean;
}

/** What an input was. */
export type InputFindings = Pick<
  RunSummary,
  "outcome" | "visitsIn" | "rejected" | "rejectedByReason" | "inputLooksLike"
>;

/** Warns of an input that had an end and no record. */
export function warnOfNothing(
  { outcome, visitsIn }: InputFindings,
  { from, allowEmpty, log }: Omit<VerdictOptions, "hasToldLooks">,
): void {
  if (outcome !== "ended" || visitsIn > 0 || allowEmpty) return;
  log.warn({ from: inputName(from) }, "the input is empty: no record came");
}

/**
 * Throws a `WorldError` when an input was read to its end and nothing of it is a
 * visit: most likely it is not what it was taken for.
 */
export function refuseNoVisit(
  summary: InputFindings,
  { from, allowEmpty, hasToldLooks }: Omit<VerdictOptions, "log">,
): void {
  const { outcome, visitsIn, rejected, inputLooksLike } = summary;
  const isUseless = visitsIn > 0 && rejected === visitsIn;
  if (outcome !== "ended" || !isUseless || allowEmpty) return;
  const finding =
    visitsIn === 1
      ? "its only record is no visit"
      : `none of its ${countText(visitsIn)} records is a visit`;
  const cause =
    inputLooksLike === null || hasToldLooks
      ? ""
      : `, it looks like ${inputLooksLike}`;
  throw new WorldError(
    `Cannot make sessions of ${inputName(from)}: ${finding} (${reasonsText(summary)})${cause}; --allow-empty takes that for success`,
  );
}

function inputName(from: SourceSpec): string {
  return from.kind === "stdin" ? "stdin" : formatPlace(from);
}
