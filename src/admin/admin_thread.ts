import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type MessagePort, Worker } from "node:worker_threads";
import { messageOf, WorldError } from "../errors.ts";
import type { RunView } from "../observe/run_view.ts";
import type { AdminOptions } from "./admin_options.ts";
import { answerThrough } from "./view_port.ts";

/** The worker beside this file: `.ts` in the checkout, `.js` in the build. */
const WORKER_PATH = join(
  import.meta.dirname,
  `../../workers/admin_server${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`,
);
/** The thread ends when it needs more; the run goes on. */
const HEAP_MIB_MAX = 256;
/** So long, ms, the thread may take to close its connections. */
const STOP_TIMEOUT_MS = 1_000;

/** What the thread is given. */
export interface AdminThreadData {
  readonly options: AdminOptions;
  /** Where the run answers. */
  readonly port: MessagePort;
}

/** What the thread tells. */
export type AdminThreadNews =
  | { readonly kind: "listens"; readonly port: number }
  | { readonly kind: "cannot listen"; readonly why: string }
  | { readonly kind: "warning"; readonly text: string };

/**
 * The admin server of a run, in a thread of its own: no request, and nothing that
 * it does to the thread, holds the run up. The run answers questions, no more.
 */
export class AdminThread {
  /**
   * The port where it listens; null when it has ended before it did. Rejects with
   * a `WorldError` when it cannot listen there.
   */
  readonly port: Promise<number | null>;
  /** Resolves when the thread has ended, to why it has. */
  readonly gone: Promise<string>;
  readonly #worker: Worker;

  /** `warn` takes sentences for whoever runs the job. */
  constructor(
    view: RunView,
    options: AdminOptions,
    warn: (text: string) => void,
  ) {
    const { port1, port2 } = new MessageChannel();
    answerThrough(port1, view);
    const workerData: AdminThreadData = { options, port: port2 };
    this.#worker = new Worker(WORKER_PATH, {
      workerData,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    });
    const port = Promise.withResolvers<number | null>();
    this.port = port.promise;
    // Whoever asks for it hears of it.
    this.port.catch(() => {});
    let why = "its thread has ended";
    this.#worker.on("message", (news: AdminThreadNews) => {
      if (news.kind === "warning") warn(news.text);
      else if (news.kind === "listens") port.resolve(news.port);
      else {
        why = news.why;
        port.reject(new WorldError(why));
        void this.#worker.terminate();
      }
    });
    this.#worker.on("error", (error) => {
      why = messageOf(error);
    });
    const gone = Promise.withResolvers<string>();
    this.gone = gone.promise;
    this.#worker.on("exit", () => {
      port1.close();
      port.resolve(null);
      gone.resolve(why);
    });
  }

  /** Ends the thread, within a second or so. */
  async stop(): Promise<void> {
    this.#worker.postMessage("stop");
    const time = new AbortController();
    const { signal } = time;
    const late = sleep(STOP_TIMEOUT_MS, undefined, { signal }).catch(() => {});
    await Promise.race([this.gone, late]);
    time.abort();
    await this.#worker.terminate();
  }
}
