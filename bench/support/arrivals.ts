import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Arrival } from "./arrival_probe.ts";

const PROBE = fileURLToPath(new URL("./arrival_probe.ts", import.meta.url));

// kafkajs 2.2.4 sets timers that have already passed; Node warns of them.
const NODE_FLAGS = ["--disable-warning=TimeoutNegativeWarning"];

/** A reader of sessions beside a run, in a process of its own. */
export class Arrivals {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(brokers: string, topic: string) {
    const command = [...NODE_FLAGS, PROBE, brokers, topic];
    this.#child = spawn(process.execPath, command, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: this.#child.stdout! });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Starts it; resolves when it reads. */
  static async begin(brokers: string, topic: string): Promise<Arrivals> {
    const arrivals = new Arrivals(brokers, topic);
    await arrivals.#lines.next();
    return arrivals;
  }

  /** Ends it; resolves to what came. */
  async end(): Promise<readonly Arrival[]> {
    const over = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    const { value } = await this.#lines.next();
    await over;
    return JSON.parse(value);
  }

  /** Ends it, whatever it does. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
