import { execFile } from "node:child_process";
import { WorldError } from "../../src/errors.ts";

/** What to say to somebody on whose machine Java or Maven is missing. */
export const INSTALL_HINT =
  "install Java 17 and Maven (Debian: apt-get install openjdk-17-jdk-headless maven)";

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * Runs a program to its end and gives its stdout. Throws a `WorldError` that
 * says what is missing and how it is installed, or carries the last lines the
 * program wrote.
 */
export function runTool(
  program: string,
  args: string[],
  { installHint = INSTALL_HINT } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: MAX_OUTPUT_BYTES };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const why =
        error.code === "ENOENT"
          ? `it is not on the PATH, ${installHint}`
          : `${stdout}${stderr}`.trim().split("\n").slice(-15).join("\n");
      reject(new WorldError(`Cannot run ${program}: ${why}`));
    });
  });
}
