import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A server as a process of its own, which says its URL on stderr. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #log: () => string;

  private constructor(child: ChildProcess, url: string, log: () => string) {
    this.#child = child;
    this.url = url;
    this.#log = log;
  }

  /** Starts Node with these arguments; `said` finds the URL in what it says. */
  static async start(
    args: readonly string[],
    said: RegExp,
  ): Promise<ServerProcess> {
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "ignore", "pipe"],
    });
    // Should the bench fail, it leaves no server behind.
    process.once("exit", () => child.kill("SIGKILL"));
    let log = "";
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const match = said.exec(log);
      if (match !== null) resolve(match[1]!);
    });
    child.once("exit", () => {
      reject(new Error(`Cannot measure server: it has ended\n${log}`));
    });
    return new ServerProcess(child, await promise, () => log);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Asks it to stop; resolves to all that it has said. */
  async stop(): Promise<string> {
    const ended = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    const [code] = await ended;
    if (code === 0 || code === null) return this.#log();
    throw new Error(`Cannot stop server: exit code ${code}\n${this.#log()}`);
  }
}
