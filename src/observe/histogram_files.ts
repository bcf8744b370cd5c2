import { constants, existsSync } from "node:fs";
import { access, appendFile, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../clock.ts";
import { UsageError, WorldError } from "../errors.ts";
import { unwritableReason } from "../files/file_reasons.ts";
import { makeFolder } from "../files/make_folder.ts";
import { hgrmText, hlogHeader, hlogLine } from "./histogram_texts.ts";
import { LatencyHistogram, type LatencyReader } from "./latency.ts";

/** Length of an interval of the logs. */
const INTERVAL_MS = 1_000;

/** What the files show. */
export interface HistogramFilesOptions {
  /** By the name of their files. */
  readonly histograms: Readonly<Record<string, LatencyHistogram>>;
  /** Files that are there may be replaced. */
  readonly mayReplace: boolean;
  readonly clock: Clock;
}

/** Throws a `UsageError` when histograms of these names are in the folder. */
export function refuseHistogramFiles(
  folder: string,
  names: readonly string[],
): void {
  const ours = names.flatMap(fileNames);
  const taken = ours.find((name) => existsSync(join(folder, name)));
  if (taken === undefined) return;
  throw new UsageError(
    `Cannot write histograms to "${folder}": it has a ${taken}, take another folder or let --overwrite replace it`,
  );
}

function fileNames(name: string): string[] {
  return [`${name}.hlog`, `${name}.hgrm`];
}

/** Throws what opening the file for writing throws; changes nothing. */
async function checkWritable(path: string): Promise<void> {
  if (!existsSync(path)) return access(dirname(path), constants.W_OK);
  const file = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  await file.close();
}

/**
 * Writes each histogram as `NAME.hlog`, an interval of about a second a line
 * (values in µs) while the run lasts, and at its end as `NAME.hgrm`, the
 * percentile distribution in ms: as HdrHistogram's plotters read them.
 */
export class HistogramFiles {
  readonly #folder: string;
  readonly #histograms: ReadonlyMap<string, LatencyHistogram>;
  readonly #readers: ReadonlyMap<string, LatencyReader>;
  readonly #mayReplace: boolean;
  readonly #clock: Clock;
  readonly #startMs: number;
  #intervalStartMs: number;
  #hasBegun = false;
  /** Lines are appended one after the other; the first failure stays. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, options: HistogramFilesOptions) {
    const { histograms, mayReplace, clock } = options;
    this.#mayReplace = mayReplace;
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#intervalStartMs = this.#startMs;
    this.#folder = folder;
    this.#histograms = new Map(Object.entries(histograms));
    this.#readers = new Map(
      Object.entries(histograms).map(([name, each]) => [name, each.reader()]),
    );
  }

  /**
   * Makes the folder, and leaves what is in it as it is until `begin`. Throws a
   * `WorldError` when files in it cannot be written, a `UsageError` when some are
   * there that may not be replaced.
   */
  static async open(
    folder: string,
    options: HistogramFilesOptions,
  ): Promise<HistogramFiles> {
    const files = new HistogramFiles(folder, options);
    await files.#trying(async () => {
      await makeFolder(folder);
      const names = [...files.#histograms.keys()];
      if (!options.mayReplace) refuseHistogramFiles(folder, names);
      for (const name of names.flatMap(fileNames)) {
        await checkWritable(files.#path(name));
      }
    });
    return files;
  }

  /** Begins the files, and replaces those that are there. Throws a `WorldError`. */
  async begin(): Promise<void> {
    const header = hlogHeader(this.#startMs);
    // Another run may have begun its own meanwhile.
    const flag = this.#mayReplace ? "w" : "wx";
    await this.#trying(async () => {
      for (const name of this.#histograms.keys()) {
        await writeFile(this.#path(`${name}.hlog`), header, { flag });
      }
    });
    this.#hasBegun = true;
  }

  /** To be called now and then: ends the interval when it is long enough. */
  tick(): void {
    if (!this.#hasBegun) return;
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#intervalStartMs >= INTERVAL_MS) this.#endInterval(nowMs);
  }

  /** Writes what is left. Throws a `WorldError` for a failure at any time. */
  async close(): Promise<void> {
    if (!this.#hasBegun) return;
    this.#endInterval(this.#clock.nowMs());
    await this.#trying(async () => {
      await this.#writing;
      for (const [name, histogram] of this.#histograms) {
        await writeFile(this.#path(`${name}.hgrm`), hgrmText(histogram));
      }
    });
  }

  #endInterval(nowMs: number): void {
    const fromMs = this.#intervalStartMs - this.#startMs;
    const toMs = nowMs - this.#startMs;
    this.#intervalStartMs = nowMs;
    for (const [name, reader] of this.#readers) {
      const interval = new LatencyHistogram();
      interval.add(reader.take());
      const line = hlogLine(interval, { fromMs, toMs });
      const path = this.#path(`${name}.hlog`);
      this.#writing = this.#writing.then(() => appendFile(path, line));
    }
    // Whoever closes gets the failure.
    this.#writing.catch(() => {});
  }

  #path(fileName: string): string {
    return join(this.#folder, fileName);
  }

  async #trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new WorldError(
        `Cannot write histograms to "${this.#folder}": ${unwritableReason(error)}`,
      );
    }
  }
}
