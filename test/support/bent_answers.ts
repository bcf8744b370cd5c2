import { connect, type Socket } from "node:net";
import type { ISocketFactory } from "kafkajs";

const PRODUCE_API_KEY = 0;
const API_KEY_AT = 4;
const CORRELATION_AT = { request: 8, answer: 4 };
/** Length, correlation id, and how many topics there are. */
const TOPICS_AT = 12;

/**
 * Sockets for kafkajs that put this error code into answers to Produce of one
 * batch: in the first `times` of those about topics whose names begin so.
 */
export function bentAnswers(options: {
  readonly errorCode: number;
  readonly topicPrefix: string;
  readonly times: number;
}): ISocketFactory {
  let left = options.times;
  return ({ host, port, onConnect }) => {
    const socket = connect({ host, port }, onConnect);
    const write = socket.write.bind(socket);
    const emit = socket.emit.bind(socket);
    const produced = new Set<number>();
    socket.write = ((piece: Buffer, ...rest: []) => {
      const isProduce =
        piece.length > CORRELATION_AT.request + 4 &&
        piece.readInt16BE(API_KEY_AT) === PRODUCE_API_KEY;
      if (isProduce) produced.add(piece.readInt32BE(CORRELATION_AT.request));
      return write(piece, ...rest);
    }) as Socket["write"];
    socket.emit = ((event: string, ...args: unknown[]) => {
      const [answer] = args;
      if (event === "data" && Buffer.isBuffer(answer)) bend(answer);
      return emit(event, ...args);
    }) as Socket["emit"];

    function bend(answer: Buffer): void {
      if (!produced.delete(answer.readInt32BE(CORRELATION_AT.answer))) return;
      const nameEnd = TOPICS_AT + 2 + answer.readInt16BE(TOPICS_AT);
      const name = answer.toString("utf8", TOPICS_AT + 2, nameEnd);
      if (!name.startsWith(options.topicPrefix) || left-- <= 0) return;
      // Behind how many partitions there are, and which one it is.
      answer.writeInt16BE(options.errorCode, nameEnd + 8);
    }
    return socket;
  };
}
