import { STATE_OPTIONS } from "../../config/state_options.ts";
import type { CommandDefinition } from "../command.ts";
import { settingsOf } from "./help_texts.ts";

/** `sessionmill state`. */
export const STATE_COMMAND: CommandDefinition<typeof STATE_OPTIONS> = {
  name: "state",
  summary: "show, verify or reset what a group has committed",
  argument: {
    name: "WHAT",
    description: "show, verify or reset",
    defaultText: "show",
  },
  options: STATE_OPTIONS,
  footer: `
show: offsets and lag of each partition, its window log and the open sessions in
it. verify: reads the whole log and says what in it cannot be right; exit code 1
when there is something. Both change nothing, and may be used while a run is at
work. reset: forgets the offsets and deletes the records of the window log, so
that the next run begins at the start of the topic; no member may be left, and
the log must hold windows of no other topic.
${settingsOf(STATE_OPTIONS)}

Examples:
  sessionmill state --brokers kafka1:9092
  sessionmill state verify --group visits_reader --json | jq .partitions
  sessionmill state reset --group visits_reader --yes
`,
  async effective(values) {
    const module = await import("../../config/effective_values.ts");
    return module.effectiveWindowLog(values);
  },
  async act(call) {
    const { inspectState } = await import("../inspect_state.ts");
    return await inspectState(call);
  },
};
