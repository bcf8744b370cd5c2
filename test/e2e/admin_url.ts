import type { Command } from "./command.ts";

/** Where a command says that its admin server is. */
export async function adminUrlOf(command: Command): Promise<string> {
  const line = /admin server at (http:\/\/\S+)\n/;
  await command.until(() => line.test(command.stderr));
  return line.exec(command.stderr)![1]!;
}
