import type { Server, Socket } from "node:net";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";

/** Whoever was connected may be back within this, ms. */
const BACK_WITHIN_MS = 1_000;
/** Nobody asks for readiness less often, ms. */
const PROBED_WITHIN_MS = 60_000;
/** Who has sent nothing for so long, ms, keeps a connection for later. */
const SILENT_MS = 1_000;
/** So many that connect at once are waited for. */
const TURNS_MAX = 1_000;
/** How often is looked whether they are gone, ms. */
const TICK_MS = 20;

/** Who is connected to a server, or would miss it. */
export class Clients {
  /** Since when, ms. */
  readonly #sockets = new Map<Socket, number>();
  #everCount = 0;
  #lastLeftAtMs = -Infinity;
  #probedAtMs = -Infinity;

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#everCount++;
      this.#sockets.set(socket, performance.now());
      socket.once("close", () => {
        this.#sockets.delete(socket);
        this.#lastLeftAtMs = performance.now();
      });
    });
  }

  /** Connections that are open. */
  get count(): number {
    return this.#sockets.size;
  }

  /** Somebody asks whether to send anything here. */
  probed(): void {
    this.#probedAtMs = performance.now();
  }

  /** Whether anybody would be surprised by an end. */
  get wouldMissIt(): boolean {
    const nowMs = performance.now();
    return (
      this.count > 0 ||
      nowMs - this.#lastLeftAtMs < BACK_WITHIN_MS ||
      nowMs - this.#probedAtMs < PROBED_WITHIN_MS
    );
  }

  /** Waits so long, ms, for all to notice that it ends. */
  async noticed(mostMs: number): Promise<void> {
    await waitWhile(() => this.wouldMissIt, mostMs);
  }

  /**
   * Waits until those that have connected are clients: Node takes one a turn of
   * its loop, and to stop listening cuts off the others.
   */
  async taken(): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const before = this.#everCount;
      await setImmediate();
      if (this.#everCount === before) return;
    }
  }

  /** Waits so long, ms, for all to be gone; not for those who say nothing. */
  async gone(mostMs: number): Promise<void> {
    await waitWhile(() => {
      this.#endSilent();
      return this.count > 0;
    }, mostMs);
  }

  #endSilent(): void {
    const beforeMs = performance.now() - SILENT_MS;
    for (const [socket, sinceMs] of this.#sockets) {
      if (sinceMs < beforeMs && socket.bytesRead === 0) socket.destroy();
    }
  }
}

async function waitWhile(
  condition: () => boolean,
  mostMs: number,
): Promise<void> {
  const endsAtMs = performance.now() + mostMs;
  while (condition() && performance.now() < endsAtMs) await sleep(TICK_MS);
}
