import { Writable } from "node:stream";
import { runProgram } from "../../src/cli/program.ts";

/** What a command line left behind. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with the variables given only. */
export async function runInProcess(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const exitCode = await runProgram({
    argv,
    environment,
    stdout: new Writable({
      write(chunk, _encoding, done) {
        stdout += chunk;
        done();
      },
    }),
    stderr: {
      write: (text) => {
        stderr += text;
      },
    },
    stopSignal: new AbortController().signal,
  });
  return { exitCode, stdout, stderr };
}
