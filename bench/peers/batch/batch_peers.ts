import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  cacheFolder,
  makeOnce,
} from "../../../docker/local_kafka/make_once.ts";
import { runTool } from "../../../docker/local_kafka/run_tool.ts";
import { print } from "../../support/table.ts";

/** What a file of visits can be turned into sessions with beside ours. */
export const BATCH_PEERS = ["chdb", "duckdb", "polars"] as const;

/** One of them. */
export type BatchPeer = (typeof BATCH_PEERS)[number];

/** What a process took, from its start to its end. */
export interface ProcessCost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

const PINS = join(import.meta.dirname, "requirements.txt");
const MEASURE = join(import.meta.dirname, "measure.py");
const TOOL = {
  installHint:
    "install Python 3.11 or newer with venv (Debian: apt-get install python3-venv)",
};

/** A Python that has the peers in the versions that the bench pins. */
export class BatchPython {
  readonly #python: string;

  private constructor(python: string) {
    this.#python = python;
  }

  /** Installs the peers into the cache folder, once for their versions. */
  static async install(): Promise<BatchPython> {
    const hash = createHash("sha256").update(readFileSync(PINS));
    const name = `batch-peers-${hash.digest("hex").slice(0, 12)}`;
    const folder = join(cacheFolder(), name);
    await makeOnce(folder, async (unfinished) => {
      print("Installing chDB, DuckDB and Polars (once)");
      await runTool("python3", ["-m", "venv", unfinished], TOOL);
      const python = join(unfinished, "bin", "python");
      const install = ["-m", "pip", "install", "--quiet", "-r", PINS];
      await runTool(python, install, TOOL);
    });
    return new BatchPython(join(folder, "bin", "python"));
  }

  /** The command that reads one file and writes the other. */
  commandOf(
    peer: BatchPeer,
    files: { visits: string; sessions: string; gapSeconds: number },
  ): string[] {
    const script = join(import.meta.dirname, `${peer}_peer.py`);
    const { visits, sessions, gapSeconds } = files;
    return [this.#python, script, visits, sessions, String(gapSeconds)];
  }

  /** Runs a command to its end. Throws a `WorldError` when it fails. */
  async measure(command: readonly string[]): Promise<ProcessCost> {
    const printed = await runTool(this.#python, [MEASURE, ...command], TOOL);
    return JSON.parse(printed) as ProcessCost;
  }
}
