import net from "node:net";
import tls from "node:tls";
import type { ISocketFactory } from "kafkajs";
import type { FetchConnection } from "../../kafka/private/fetch_seam.ts";
import { tuneSocket } from "../../kafka/sockets.ts";
import type { Frame, FramePool } from "../../record/frame_pool.ts";
import { FrameReader } from "./frame_reader.ts";

const FETCH_API_KEY = 1;

/**
 * Makes kafkajs' sockets, and reads them: each response goes from the kernel
 * right into a frame. Those to fetches are handed on as frames, all others as
 * the `data` that kafkajs waits for.
 */
export class FrameSockets {
  readonly #pool: FramePool;
  readonly #open = new Map<net.Socket, FetchConnection | null>();
  #isClosed = false;

  constructor(pool: FramePool) {
    this.#pool = pool;
  }

  /** kafkajs' public `socketFactory` option. */
  readonly create: ISocketFactory = ({ host, port, ssl, onConnect }) => {
    const reader = new FrameReader(this.#pool, (frame) =>
      this.#deliver(socket, frame),
    );
    const onread = {
      // Node asks for the next buffer before it knows of any bytes.
      buffer: () => reader.target(),
      callback: (byteLength: number) => advance(socket, reader, byteLength),
    };
    const name = net.isIP(host) ? {} : { servername: host };
    // Node's types know `onread` of sockets, not of TLS, where it works alike.
    const options = { host, port, onread } as net.NetConnectOpts;
    const socket = ssl
      ? tls.connect({ ...options, ...name, ...ssl }, onConnect)
      : net.connect(options, onConnect);
    tuneSocket(socket);
    this.#open.set(socket, null);
    socket.once("close", () => {
      this.#open.delete(socket);
      reader.dispose();
    });
    // kafkajs may still be in the middle of trying again.
    if (this.#isClosed) socket.destroy(new Error("closed"));
    return socket;
  };

  /** From here on the connection's fetches are answered by frames. */
  attach(connection: FetchConnection): void {
    this.#open.set(connection.socket, connection);
  }

  /** Ends what is still connected, without waiting for the broker. */
  close(): void {
    this.#isClosed = true;
    for (const socket of this.#open.keys()) {
      socket.destroy(new Error("closed"));
    }
  }

  #deliver(socket: net.Socket, frame: Frame): void {
    const connection = this.#open.get(socket) ?? null;
    const correlationId = frame.bytes.readInt32BE(0);
    if (connection !== null && isFetch(connection, correlationId)) {
      const size = frame.bytes.length;
      const queue = connection.requestQueue;
      queue.fulfillRequest({ correlationId, size, payload: frame });
      return;
    }
    const data = Buffer.allocUnsafe(4 + frame.bytes.length);
    data.writeInt32BE(frame.bytes.length, 0);
    frame.bytes.copy(data, 4);
    frame.release();
    socket.emit("data", data);
  }
}

function isFetch(connection: FetchConnection, correlationId: number): boolean {
  if (connection.authHandlers) return false;
  const request = connection.requestQueue.inflight.get(correlationId);
  return request?.entry.apiKey === FETCH_API_KEY;
}

function advance(
  socket: net.Socket,
  reader: FrameReader,
  byteLength: number,
): boolean {
  try {
    reader.advance(byteLength);
  } catch (error) {
    socket.destroy(error as Error);
  }
  return true;
}
