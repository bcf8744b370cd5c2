import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { wallClockMs } from "../clock.ts";
import { WorldError } from "../errors.ts";
import {
  ARRIVAL_FIELDS,
  type Arrival,
  type ReaderMessage,
  type ReaderThreadData,
} from "./session_arrival.ts";

/** The thread's code: `.ts` in the checkout, `.js` in the build. */
const THREAD = join(
  import.meta.dirname,
  `../../workers/load_reader${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`,
);

/** Who hears of sessions, and what ends the opening. */
export interface ReaderHooks {
  readonly onArrival: (arrival: Arrival) => void;
  readonly signal: AbortSignal;
}

/** Reads the sessions of a load in a thread of its own. */
export class SessionReader {
  readonly #worker: Worker;
  readonly #topic: string;
  readonly #onArrival: (arrival: Arrival) => void;
  readonly #ready = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #failure: Error | null = null;
  /** When the last session came, wall clock in ms. */
  lastAtMs = Number.NEGATIVE_INFINITY;

  private constructor(
    data: ReaderThreadData,
    onArrival: (arrival: Arrival) => void,
  ) {
    this.#topic = data.topic;
    this.#onArrival = onArrival;
    this.#worker = new Worker(THREAD, { workerData: data });
    this.#worker.on("message", (message: ReaderMessage) => this.#take(message));
    this.#worker.on("error", (error) => this.#fail(error.message));
    this.#worker.on("exit", () => this.#over.resolve());
    // Whoever waits gets the failure; nobody may be waiting.
    this.#ready.promise.catch(() => {});
  }

  /** Resolves when it reads. Throws a `WorldError`, or the signal's reason. */
  static async open(
    data: ReaderThreadData,
    { onArrival, signal }: ReaderHooks,
  ): Promise<SessionReader> {
    signal.throwIfAborted();
    const reader = new SessionReader(data, onArrival);
    // To join a group takes seconds, which nobody wants to wait for then.
    const giveUp = () => reader.#ready.reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await reader.#ready.promise;
    } catch (error) {
      await reader.#worker.terminate();
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
    return reader;
  }

  /** Throws the failure of the thread, if it has one. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Ends the thread, in good order unless it has failed. */
  async close(): Promise<void> {
    if (this.#failure !== null) await this.#worker.terminate();
    else this.#worker.postMessage("end");
    await this.#over.promise;
  }

  #take(message: ReaderMessage): void {
    if (message.kind === "ready") this.#ready.resolve();
    else if (message.kind === "over") this.#over.resolve();
    else if (message.kind === "failed") this.#fail(message.reason);
    else {
      const { values } = message;
      this.lastAtMs = wallClockMs();
      for (let i = 0; i < values.length; i += ARRIVAL_FIELDS) {
        this.#onArrival({
          lastVisitMs: values[i]!,
          stampedAtMs: values[i + 1]!,
          readAtMs: values[i + 2]!,
        });
      }
    }
  }

  #fail(reason: string): void {
    this.#failure ??= new WorldError(
      `Cannot read sessions of topic "${this.#topic}": ${reason}`,
    );
    this.#ready.reject(this.#failure);
  }
}
