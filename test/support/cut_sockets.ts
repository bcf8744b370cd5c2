import { connect, type Socket } from "node:net";
import type { ISocketFactory } from "kafkajs";

const API_KEY_AT = 4;

/**
 * Sockets for kafkajs that lose one request with this API key, or the answer to
 * it, and the connection with it, once `isArmed` says so.
 */
export function cutSockets(options: {
  readonly apiKey: number;
  readonly loses: "request" | "answer";
  readonly isArmed: () => boolean;
}): ISocketFactory {
  let isSpent = false;
  return ({ host, port, onConnect }) => {
    const socket = connect({ host, port }, onConnect);
    const write = socket.write.bind(socket);
    const emit = socket.emit.bind(socket);
    let isAwaited = false;
    socket.write = ((piece: Buffer, ...rest: []) => {
      const isHit =
        options.isArmed() &&
        !isSpent &&
        piece.length > API_KEY_AT + 2 &&
        piece.readInt16BE(API_KEY_AT) === options.apiKey;
      if (!isHit) return write(piece, ...rest);
      isSpent = true;
      if (options.loses === "answer") isAwaited = true;
      else socket.destroy(new Error("connection lost"));
      return options.loses === "answer" ? write(piece, ...rest) : true;
    }) as Socket["write"];
    socket.emit = ((event: string, ...args: unknown[]) => {
      if (event !== "data" || !isAwaited) return emit(event, ...args);
      socket.destroy(new Error("connection lost"));
      return true;
    }) as Socket["emit"];
    return socket;
  };
}
