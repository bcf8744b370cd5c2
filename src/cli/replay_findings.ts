import type { SourceSpec } from "../config/config.ts";
import { guessFormat } from "../observe/guess_format.ts";
import { countText } from "../observe/number_text.ts";
import type { WarningLog } from "../observe/rate_limited_warning.ts";
import type { ReplaySummary } from "../replay/replay.ts";
import { refuseNoVisit, warnOfNothing } from "./input_verdict.ts";

/** How a replay that has put out no session is told. */
export interface ReplayVerdict {
  readonly from: SourceSpec;
  readonly allowEmpty: boolean;
  readonly log: WarningLog;
}

/**
 * Says why a replay has put out no session. Throws a `WorldError`, as a run does,
 * when nothing of the input is a visit, and nothing a watermark either.
 */
export function judgeReplay(
  summary: ReplaySummary,
  verdict: ReplayVerdict,
): void {
  const { records, watermarks, sessions, rejectedByReason } = summary;
  const counts = Object.values(rejectedByReason);
  const rejected = counts.reduce((sum, count) => sum + count, 0);
  const { firstRecord } = summary;
  const findings = {
    ...{ outcome: "ended" as const, rejected, rejectedByReason },
    visitsIn: records,
    inputLooksLike: firstRecord === null ? null : guessFormat(firstRecord),
  };
  if (watermarks === 0) {
    warnOfNothing(findings, verdict);
    refuseNoVisit(findings, { ...verdict, hasToldLooks: false });
  }
  // Rejected records are there to be seen, and of nothing at all is told above.
  const isTold = records > 0 ? records === rejected : watermarks === 0;
  if (sessions > 0 || isTold) return;
  verdict.log.warn({}, sessionlessText(records, watermarks));
}

function sessionlessText(records: number, watermarks: number): string {
  const [lines, marks] = [countText(records), countText(watermarks)];
  const read = `${lines} ${records === 1 ? "record" : "records"}`;
  const closing =
    'a last line {"watermark": 9223372036854775807} closes all sessions';
  if (watermarks === 0) {
    return `no session came out: ${read} and no watermark were read, and the end fires nothing; ${closing}`;
  }
  const what = watermarks === 1 ? "watermark" : "watermarks";
  return `no session came out: ${read} and ${marks} ${what} were read, none of which passed the end of a session; ${closing}`;
}
