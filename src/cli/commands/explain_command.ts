import { EXPLAIN_OPTIONS } from "../../config/explain_options.ts";
import type { CommandDefinition } from "../command.ts";
import { settingsOf } from "./help_texts.ts";

/** `sessionmill explain`. */
export const EXPLAIN_COMMAND: CommandDefinition<typeof EXPLAIN_OPTIONS> = {
  name: "explain",
  summary: "say why a session of a running job has not closed",
  argument: {
    name: "VISIT_ID",
    expected: "the visit_id of the session",
    description: "whose sessions",
  },
  options: EXPLAIN_OPTIONS,
  footer: `
Asks the admin server of the job, and prints a sentence for each open session:
its end, the watermark, and the partition that holds it back, and by how much.
${settingsOf(EXPLAIN_OPTIONS)}

Examples:
  sessionmill explain 140083900046208_6
  sessionmill explain v7 --admin http://10.0.0.7:9464 --json | jq .sessions
`,
  async act(call) {
    const { explainVisit } = await import("../explain_visit.ts");
    return await explainVisit(call);
  },
};
