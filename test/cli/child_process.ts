import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Outcome } from "./fake_world.ts";

/** The command, as it is started from a checkout. */
export const MAIN = join(import.meta.dirname, "../../src/launch.cjs");

/** How a child process is started and treated. */
export interface ChildOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Text for stdin; stdin stays open and empty without it. */
  readonly input?: string;
  /** What stdout is opened as; a pipe that is read without it. */
  readonly output?: string;
  /** The signal to send when stderr first warns of something. */
  readonly signal?: "SIGINT" | "SIGTERM" | "SIGHUP";
}

/** Runs `sessionmill` as a process of its own, to its end. */
export async function runChild(
  argv: readonly string[],
  options: ChildOptions = {},
): Promise<Outcome> {
  const output = options.output ? openSync(options.output, "w") : "pipe";
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: { PATH: process.env.PATH, ...options.environment },
    cwd: options.folder,
    stdio: ["pipe", output, "pipe"],
  });
  if (output !== "pipe") closeSync(output);
  if (options.input !== undefined) child.stdin!.end(options.input);
  if (options.signal !== undefined) {
    const { signal } = options;
    let isSent = false; // a second one would end the process at once
    child.stderr!.on("data", (bytes) => {
      if (isSent || !String(bytes).includes(" warn ")) return;
      isSent = child.kill(signal);
    });
  }
  const [stdout, stderr, [exitCode]] = await Promise.all([
    child.stdout === null ? "" : text(child.stdout),
    text(child.stderr!),
    once(child, "exit"),
  ]);
  return { exitCode, stdout, stderr };
}

/** Starts `sessionmill`, reads its first `byteCount` bytes and hangs up. */
export async function readHeadOfChild(
  argv: readonly string[],
  byteCount: number,
): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stderr = text(child.stderr);
  let stdout = "";
  for await (const chunk of child.stdout) {
    stdout += chunk;
    if (stdout.length >= byteCount) break;
  }
  const [exitCode] =
    child.exitCode === null ? await once(child, "exit") : [child.exitCode];
  return { exitCode, stdout, stderr: await stderr };
}

/** An address from which Node imports this text, as for `--import`. */
export function moduleOf(text: string): string {
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** To import: makes the launcher, and nothing that it starts, see an old Node. */
export const OLD_NODE = moduleOf(`
if (!/main.(ts|cjs)$/.test(process.argv[1])) {
  const value = { ...process.versions, node: "20.20.2" };
  Object.defineProperty(process, "versions", { value });
}`);
