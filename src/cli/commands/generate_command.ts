import { GENERATE_OPTIONS } from "../../config/generate_options.ts";
import type { CommandDefinition } from "../command.ts";
import { settingsOf } from "./help_texts.ts";

/** `sessionmill generate`. */
export const GENERATE_COMMAND: CommandDefinition<typeof GENERATE_OPTIONS> = {
  name: "generate",
  summary: "make visits, for trials and load tests",
  argument: null,
  options: GENERATE_OPTIONS,
  footer: `
SINK is - (stdout), file:PATH, null or kafka:TOPIC (keyed by visit_id).
${settingsOf(GENERATE_OPTIONS)}

Examples:
  sessionmill generate --count 10  | jq .
  sessionmill generate --to kafka:visits --rate 50000/s
  sessionmill generate --to file:visits.jsonl --count 100000 --late-percent 1
`,
  async presets({ dataset }, { stopSignal }) {
    if (dataset === null) return null;
    const { readDataset } = await import("../../generate/dataset.ts");
    const { presets } = await readDataset(dataset, stopSignal);
    return { origin: `dataset "${dataset}"`, texts: presets };
  },
  async act(call) {
    const { generateVisits } = await import("../generate_visits.ts");
    return await generateVisits(call);
  },
};
