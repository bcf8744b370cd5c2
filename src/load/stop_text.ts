import { countText } from "../observe/number_text.ts";
import type { LoadReport } from "./load_report.ts";

/** What to do where a topic has visits of others too. */
export const OTHERS_ADVICE =
  "take a topic and a job of their own, or pass --among-others";

/** That a load was stopped early, and what is missing for that; null when it was not. */
export function stopText({
  stoppedEarly,
  rates,
  leftOut,
}: LoadReport): string | null {
  if (stoppedEarly === null) return null;
  const begin = `Stopped early${stoppedEarly === "others" ? ", for others write to the topic" : ""}`;
  if (rates.length === 0) return `${begin}: nothing was measured.`;
  if (leftOut.length === 0) return `${begin}: this is what was measured.`;
  const names = leftOut.map((rate) => countText(rate)).join(" and ");
  return `${begin}: nothing was measured of ${names} visits/s.`;
}

/** Why a load could not go on, for others wrote to its topic; null when it could. */
export function othersText({ stoppedEarly, plan }: LoadReport): string | null {
  if (stoppedEarly !== "others") return null;
  return (
    `Cannot go on with the load: others write to topic "${plan.visitsTopic}"; ` +
    `a load moves the job's clock by hours, and theirs are late then: ${OTHERS_ADVICE}`
  );
}
