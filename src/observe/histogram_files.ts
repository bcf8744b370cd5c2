import { existsSync } from "node:fs";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { UsageError, unwritableReason, WorldError } from "../errors.ts";
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
  const ours = names.flatMap((name) => [`${name}.hlog`, `${name}.hgrm`]);
  const taken = ours.find((name) => existsSync(join(folder, name)));
  if (taken === undefined) return;
  throw new UsageError(
    `Cannot write histograms to "${folder}": it has a ${taken}, take another folder or let --overwrite replace it`,
  );
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
  readonly #clock: Clock;
  readonly #startMs: number;
  #intervalStartMs: number;
  /** Lines are appended one after the other; the first failure stays. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, options: HistogramFilesOptions) {
    const { histograms, clock } = options;
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
   * Begins the files. Throws a `WorldError` when the folder cannot be written, a
   * `UsageError` when files are there that may not be replaced.
   */
  static async open(
    folder: string,
    options: HistogramFilesOptions,
  ): Promise<HistogramFiles> {
    const files = new HistogramFiles(folder, options);
    await files.#trying(async () => {
      await mkdir(folder, { recursive: true });
      const names = [...files.#histograms.keys()];
      if (!options.mayReplace) refuseHistogramFiles(folder, names);
      const header = hlogHeader(files.#startMs);
      for (const name of files.#histograms.keys()) {
        await writeFile(files.#path(`${name}.hlog`), header);
      }
    });
    return files;
  }

  /** To be called now and then: ends the interval when it is long enough. */
  tick(): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#intervalStartMs >= INTERVAL_MS) this.#endInterval(nowMs);
  }

  /** Writes what is left. Throws a `WorldError` for a failure at any time. */
  async close(): Promise<void> {
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
