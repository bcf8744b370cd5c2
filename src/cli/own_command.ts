import type { Environment } from "../config/resolve_options.ts";

/** The program that a start is of, where only its sources are there. */
const IS_CHECKOUT = import.meta.filename.endsWith(".ts");

/**
 * What a user writes to call this program again, with arguments behind it: the
 * command that an installed package has, or what stands for it in its sources.
 */
export function ownCommand(
  { npm_command: npmCommand }: Environment,
  isCheckout = IS_CHECKOUT,
): string {
  if (isCheckout) return "npm start --";
  // npx has no command on the path, it looks for it.
  return npmCommand === "exec" ? "npx sessionmill" : "sessionmill";
}
