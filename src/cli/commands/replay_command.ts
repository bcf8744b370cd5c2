import { REPLAY_OPTIONS } from "../../config/replay_options.ts";
import type { CommandDefinition } from "../command.ts";
import { settingsOf } from "./help_texts.ts";

/** `sessionmill replay`. */
export const REPLAY_COMMAND: CommandDefinition<typeof REPLAY_OPTIONS> = {
  name: "replay",
  summary: "run recorded visits and watermarks step by step",
  argument: {
    name: "FILE",
    expected: "a path or -",
    description:
      'JSON lines, each a visit or {"watermark": ISO or ms}; - stdin',
  },
  options: REPLAY_OPTIONS,
  footer: `
Prints {"session": …}, {"late": …} and {"rejected": …} lines in order of cause.
The end of the file fires nothing: a last {"watermark": 9223372036854775807}
closes all sessions. Watermarks are lines, and lines have no time of their own:
--out-of-orderness and --max-skew mean nothing here, and are refused.

Exit code 1 when records came and none is a visit, and no watermark came, unless
--allow-empty. An input without records is a success, with a warning.
${settingsOf(REPLAY_OPTIONS)}

Examples:
  sessionmill replay case.jsonl --gap 5m
  sessionmill replay - --generation-time 2024-01-01T00:00:00Z < case.jsonl
`,
  async act(call) {
    const { replayVisits } = await import("../replay_visits.ts");
    return await replayVisits(call);
  },
};
