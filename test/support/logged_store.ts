import type { WindowParameters } from "../../src/window/window_store.ts";
import { exportAll, LogModel, restoreFrom } from "./log_model.ts";
import { type LogRecord, nameOf, recordsOf } from "./log_record.ts";
import { GAP_MS, LATENESS_MS } from "./small_windows.ts";
import { StoreDriver } from "./store_driver.ts";
import { VerifiedStore } from "./verified_store.ts";

/** How a `LoggedStore` is made. */
export interface LoggedStoreOptions {
  readonly parameters?: WindowParameters;
  readonly recordBytes?: number;
  /** Another's log to go on with. */
  readonly log?: LogModel;
  readonly commits?: number;
}

/** A store, all of whose memory is walked at each step, and its window log. */
export class LoggedStore {
  readonly store: VerifiedStore;
  readonly driver: StoreDriver;
  readonly log: LogModel;
  readonly #options: LoggedStoreOptions;
  #commits: number;

  constructor(options: LoggedStoreOptions = {}) {
    const { log = new LogModel(), commits = 0, recordBytes } = options;
    const { parameters = { gapMs: GAP_MS, allowedLatenessMs: LATENESS_MS } } =
      options;
    this.#options = options;
    this.log = log;
    this.#commits = commits;
    this.store = new VerifiedStore(parameters);
    this.store.keepChanges(
      recordBytes === undefined ? {} : { logRecordBytesMax: recordBytes },
    );
    this.driver = new StoreDriver(this.store);
  }

  /** Commits; returns what was written for it. */
  commitRecords(bytesMax?: number): LogRecord[] {
    const { length } = this.log.batches;
    this.#commits++;
    exportAll(this.store, this.log, this.#commits, bytesMax);
    return recordsOf(this.log.batches.slice(length));
  }

  /** The same, as `put 0-0`. */
  commit(bytesMax?: number): string[] {
    return this.commitRecords(bytesMax).map(nameOf);
  }

  /** Another store that goes on from the log, at the same watermark. */
  restored(): LoggedStore {
    const { log } = this;
    const commits = this.#commits;
    const other = new LoggedStore({ ...this.#options, log, commits });
    restoreFrom(other.store, log.from(this.store.logStates()));
    other.store.reassign(new Set(), this.store.watermarkMs);
    return other;
  }
}
