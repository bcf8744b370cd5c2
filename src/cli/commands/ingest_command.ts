import { INGEST_OPTIONS } from "../../config/ingest_options.ts";
import type { CommandDefinition } from "../command.ts";
import { settingsOf } from "./help_texts.ts";

/** `sessionmill ingest`. */
export const INGEST_COMMAND: CommandDefinition<typeof INGEST_OPTIONS> = {
  name: "ingest",
  summary: "take visits over HTTP and write them to a topic",
  argument: null,
  options: INGEST_OPTIONS,
  footer: `
POST /visits takes one visit, a JSON array of them, or a visit a line
(application/json, application/x-ndjson), packed by gzip or zstd if you like.
202: all are in the topic. 400 says which are no visits; the others are in the
topic. 413 too large, 415 of another kind, 429 and 503 come again later: what a
503 could not confirm may come twice. /healthz, /readyz and /metrics as usual.
${settingsOf(INGEST_OPTIONS)}

Examples:
  sessionmill ingest --brokers kafka1:9092 --to kafka:visits
  sessionmill ingest --listen 0.0.0.0:8080 --cors https://shop.example
  curl -H "content-type: application/json" --data-binary @visit.json
       http://127.0.0.1:8080/visits
`,
  async act(call) {
    const { ingestVisits } = await import("../ingest_visits.ts");
    return await ingestVisits(call);
  },
};
