import type { OpenSessionForm } from "../../src/observe/run_view.ts";
import { NOON_MS } from "./made_view.ts";

/** An open session of two visits. */
export function openSession(visitId: string): OpenSessionForm {
  return {
    ...{ visitId, sessionId: "0-7", shard: 0, isMixed: false, isCut: false },
    startMs: NOON_MS,
    lastVisitMs: NOON_MS + 1,
    endMs: NOON_MS + 600_001,
    ...{ visits: 2, unfiredVisits: 2, bytes: 300, firings: 0 },
    json: `{"visit_id": ${JSON.stringify(visitId)}}`,
  };
}
