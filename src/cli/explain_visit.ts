import { AdminClient } from "../admin/admin_client.ts";
import type { Explanation } from "../admin/explain.ts";
import type { EXPLAIN_OPTIONS } from "../config/explain_options.ts";
import { UsageError } from "../errors.ts";
import { encodeQueryText } from "../observe/query_text.ts";
import type { CommandCall } from "./command.ts";

/** Does the work of `sessionmill explain`; resolves to the exit code. */
export async function explainVisit({
  argument,
  values,
  world,
}: CommandCall<typeof EXPLAIN_OPTIONS>): Promise<number> {
  if (argument === "") {
    throw new UsageError(
      'Cannot read the command line: expected the visit_id of the session, got ""',
    );
  }
  const client = new AdminClient(values["admin-url"], values["admin-token"]);
  const visitId = encodeQueryText(argument);
  const answer = await client.json(`/explain?visit_id=${visitId}`);
  const { sentence, sessions } = answer as Explanation;
  const lines =
    sessions.length > 0 ? sessions.map((each) => each.sentence) : [sentence];
  const text = values.json ? JSON.stringify(answer, null, 2) : lines.join("\n");
  world.stdout.write(`${text}\n`);
  return 0;
}
