import { publishPoint } from "../checkpoint/commit_points.ts";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { DurabilityMeters } from "../observe/durability_meters.ts";
import type { WindowLog } from "./commit_marks.ts";
import type { Ledger } from "./ledger.ts";

/** Time between two requests to delete what is no more needed, ms. */
const PAUSE_MS = 1_000;
/** Bytes of a partition that are worth a request at any time, */
const BYTES_MIN = 4 << 20;
/** and any bytes after this time, ms. */
const PATIENCE_MS = 10_000;

/** What the window log is kept short with. */
export interface TruncationParts {
  readonly log: WindowLog;
  readonly clock: Clock;
  readonly meters: DurabilityMeters;
  readonly warn: (text: string) => void;
  /** So much of a partition is worth a request at any time, bytes. */
  readonly deletedBytesMin?: number;
}

/** Deletes now and then what no restore needs, beside the commits. */
export class LogTruncation {
  readonly #parts: TruncationParts;
  #atMs: number;

  constructor(parts: TruncationParts) {
    this.#parts = parts;
    this.#atMs = parts.clock.nowMs();
  }

  /** To be called when a commit is committed: what it says of the log counts. */
  after(commit: number, ledgers: Iterable<Ledger>): void {
    const { clock, meters } = this.#parts;
    let logBytes = 0;
    let liveBytes = 0;
    const sinceMs = clock.nowMs() - this.#atMs;
    const { deletedBytesMin = BYTES_MIN } = this.#parts;
    const bytesMin = sinceMs >= PATIENCE_MS ? 1 : deletedBytesMin;
    const offsets = new Map<number, number>();
    for (const ledger of ledgers) {
      const { partition, extent } = ledger;
      logBytes += extent.byteLength;
      liveBytes += ledger.liveBytes;
      if (sinceMs < PAUSE_MS) continue;
      const from = extent.takeDeletable(bytesMin);
      if (from !== null) offsets.set(partition, from);
    }
    meters.set("logBytes", logBytes);
    meters.set("liveBytes", liveBytes);
    if (offsets.size > 0) this.#delete(commit, offsets);
  }

  #delete(commit: number, offsets: ReadonlyMap<number, number>): void {
    const { log, clock, warn } = this.#parts;
    this.#atMs = clock.nowMs();
    publishPoint("truncation", "before", commit);
    log.truncate(offsets).then(
      () => publishPoint("truncation", "after", commit),
      // It is only longer than it need be; the next request says so again.
      (error) => warn(`Cannot shorten the window log now: ${messageOf(error)}`),
    );
  }
}
