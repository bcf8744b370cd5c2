import type { Writable } from "node:stream";
import type { Environment } from "../config/resolve_options.ts";
import type { Terminal, TextStream } from "../observe/terminal.ts";
import type { FailureForm } from "./failure.ts";

export type { Terminal } from "../observe/terminal.ts";

/** What the command line knows of the process around it. */
export interface World {
  /** Arguments behind the name of the command. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** Data only, and what was asked for with `--help` and the like. */
  readonly stdout: Writable & {
    readonly isTTY?: boolean;
    readonly columns?: number;
  };
  readonly stderr: TextStream;
  /** Asks on the terminal; not there when nobody could answer. */
  readonly ask?: (question: string) => Promise<string>;
  /** Aborted when the job should stop: finish what is under way, then end. */
  readonly stopSignal: AbortSignal;
  /** The signal of the operating system that stopped the job, such as `SIGTERM`. */
  readonly stoppedBy?: () => string | null;
  /** Who takes no writes of this process for a second or more; null: nobody. */
  readonly waitsFor?: () => string | null;
  /**
   * Told what stderr is written through from here on: what comes from elsewhere
   * must not get into its block, and none is left behind at an exit.
   */
  readonly onTerminal?: (terminal: Terminal) => void;
  /**
   * Told how failures outside of commands are told: when the config file is read,
   * and once the options are known.
   */
  readonly onFailureForm?: (form: FailureForm) => void;
}
