import inspector from "node:inspector";
import { waitUntil } from "./wait_until.ts";

/** Runs code in the newest thread whose file has this name, by its inspector. */
export class ThreadHand {
  readonly #session = new inspector.Session();
  #threadSession: string | null = null;

  constructor(name: string) {
    this.#session.connect();
    this.#session.on("NodeWorker.attachedToWorker", ({ params }) => {
      if (!params.workerInfo.url.includes(name)) return;
      this.#threadSession = params.sessionId;
    });
    const how = { waitForDebuggerOnStart: false };
    this.#session.post("NodeWorker.enable", how);
  }

  /** Begins it, and does not wait for its end. */
  async run(expression: string): Promise<void> {
    await waitUntil(() => this.#threadSession !== null);
    const method = "Runtime.evaluate";
    const message = JSON.stringify({ id: 1, method, params: { expression } });
    const sessionId = this.#threadSession!;
    this.#session.post("NodeWorker.sendMessageToWorker", {
      ...{ sessionId, message },
    });
  }

  /** To be called at the end. */
  letGo(): void {
    this.#session.disconnect();
  }
}
