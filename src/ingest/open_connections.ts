import type { Server, Socket } from "node:net";

/** The connections of a server. */
export class OpenConnections {
  readonly #sockets = new Set<Socket>();
  #lastEndedAtMs = -Infinity;

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        this.#lastEndedAtMs = performance.now();
      });
    });
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** For how long, ms, there has been none. */
  get quietMs(): number {
    return this.count > 0 ? 0 : performance.now() - this.#lastEndedAtMs;
  }

  /** Ends those on which nothing has come so far. */
  endSilent(): void {
    for (const socket of this.#sockets) {
      if (socket.bytesRead === 0) socket.destroy();
    }
  }
}
