import { TAIL_OPTIONS } from "../../config/tail_options.ts";
import type { CommandDefinition } from "../command.ts";
import { settingsOf } from "./help_texts.ts";

/** `sessionmill tail`. */
export const TAIL_COMMAND: CommandDefinition<typeof TAIL_OPTIONS> = {
  name: "tail",
  summary: "show the sessions of a topic as they come",
  argument: {
    name: "TOPIC",
    description: "kafka:TOPIC",
    defaultText: "kafka:sessions",
  },
  options: TAIL_OPTIONS,
  footer: `
One line a session: its visit_id, from its first to its last visit, visits, how
often it was put out before (REV), whether that was the last time (FINAL), why,
and how many other sessions it takes the place of (+2). Only what is committed
is shown. It joins no group and commits nothing. Ctrl-C ends it; so does a topic
with records that are no sessions alone, from the beginning and with a limit.
${settingsOf(TAIL_OPTIONS)}

Examples:
  sessionmill tail kafka:sessions --brokers kafka1:9092
  sessionmill tail kafka:sessions --from-beginning --filter 140083900046208_6
  sessionmill tail kafka:sessions --json --limit 10 | jq .headers
`,
  async act(call) {
    const { tailSessions } = await import("../tail_sessions.ts");
    return await tailSessions(call);
  },
};
