import { LATENCY_OPTIONS } from "../../config/latency_options.ts";
import type { CommandDefinition } from "../command.ts";
import { settingsOf } from "./help_texts.ts";

/** `sessionmill latency`. */
export const LATENCY_COMMAND: CommandDefinition<typeof LATENCY_OPTIONS> = {
  name: "latency",
  summary: "compare latency histograms of files, and draw them",
  argument: {
    name: "FILE",
    expected: "the path of an .hlog or .hgrm file, or -",
    description:
      "a log (.hlog, .hdr) or percentile distribution (.hgrm, .csv); - stdin",
    isVariadic: true,
  },
  options: LATENCY_OPTIONS,
  footer: `
Reads what HdrHistogram writes in any language: our own files, YCSB's .hdr, the
output of wrk2 --latency. Each file, or tag of a log, is a row: ms, and the
ratio to the first row. Values are taken for ns in logs and for ms in
distributions, unless the file or --unit says otherwise. In a distribution, a
percentile between two of its rows is that of the upper one.
TIME is seconds behind the start of the log, 1m30s, or an ISO time. Intervals
that begin in it count.
${settingsOf(LATENCY_OPTIONS)}

Examples:
  sessionmill latency before/closing.hlog after/closing.hlog --from 10
  sessionmill latency --unit us --plot latency.html READ.hdr UPDATE.hdr
  sessionmill latency processing.hgrm --json | jq '.[0].percentilesMs'
`,
  async act(call) {
    const { compareLatencies } = await import("../compare_latencies.ts");
    return await compareLatencies(call);
  },
};
