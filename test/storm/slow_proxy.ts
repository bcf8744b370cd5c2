import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { StormBroker } from "./storm_broker.ts";

const PRODUCE = 0;
const LENGTH_BYTES = 4;
const API_KEY_AT = 4;
const REQUEST_CORRELATION_AT = 8;
const ANSWER_CORRELATION_AT = 4;

/** Lets a job talk to a broker, and holds up the answers to what it writes. */
export class SlowProxy {
  /** How long an answer to a produce request waits, ms. */
  delayMs = 0;
  /** Answers that were held up. */
  delayed = 0;
  readonly brokers: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor({ proxyPort, proxiedPort }: StormBroker) {
    this.brokers = `127.0.0.1:${proxyPort}`;
    this.#server = createServer((client) => this.#serve(client, proxiedPort));
    this.#server.listen(proxyPort, "127.0.0.1");
  }

  /** Listens where the broker's second listener says to be. */
  static async start(broker: StormBroker): Promise<SlowProxy> {
    const proxy = new SlowProxy(broker);
    await once(proxy.#server, "listening");
    return proxy;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(client: Socket, port: number): void {
    const server = connect(port, "127.0.0.1");
    const produces = new Set<number>();
    this.#pair(client, server);
    onFrames(client, (frame) => {
      if (frame.readInt16BE(API_KEY_AT) === PRODUCE) {
        produces.add(frame.readInt32BE(REQUEST_CORRELATION_AT));
      }
      server.write(frame);
    });
    // Answers keep their order, as those of a broker do.
    let before = Promise.resolve();
    onFrames(server, (frame) => {
      const isHeld = produces.delete(frame.readInt32BE(ANSWER_CORRELATION_AT));
      const wait = isHeld && this.delayMs > 0 ? sleep(this.delayMs) : null;
      if (wait !== null) this.delayed++;
      before = Promise.all([before, wait]).then(() => {
        client.write(frame);
      });
    });
  }

  #pair(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}

/** Hands over whole requests or answers, with their lengths. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (data) => {
    rest = Buffer.concat([rest, data as Buffer]);
    while (rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + rest.readInt32BE(0);
      if (rest.length < end) return;
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}
