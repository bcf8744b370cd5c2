import { RUN_OPTIONS } from "../../config/run_options.ts";
import type { CommandDefinition } from "../command.ts";
import { PLACES, settingsOf } from "./help_texts.ts";

/** `sessionmill run`. */
export const RUN_COMMAND: CommandDefinition<typeof RUN_OPTIONS> = {
  name: "run",
  summary: "turn a stream of visits into sessions",
  argument: null,
  options: RUN_OPTIONS,
  footer: `${PLACES}

Files, stdin, FIFOs, --bounded topics and a generator without --rate give the
same result in each run, on any number of workers; --live takes that back. So
stdin and FIFOs hold a session back by 65,536 records at most.

From a topic to topics a run is exactly-once, for readers with isolation.level
read_committed; other outputs of a topic are at-least-once. It goes on where it
ended, killed or not; the rest starts anew each time.
${settingsOf(RUN_OPTIONS)}

Exit code 1 when records came and none is a visit, unless --allow-empty. An
input without records is a success, with a warning.

Examples:
  sessionmill run --brokers kafka1:9092,kafka2:9092
  sessionmill run --bounded --gap 30m --late-to kafka:late_visits
  sessionmill run --from file:visits.jsonl --to -  | jq .visit_id
  sessionmill run --from generator --count 1000000 --to null
`,
  async effective(values) {
    const module = await import("../../config/effective_values.ts");
    return module.effectiveRunValues(values);
  },
  async act(call) {
    const { runSessions } = await import("../run_sessions.ts");
    return await runSessions(call);
  },
};
