import { connect, type Socket } from "node:net";
import type { ISocketFactory } from "kafkajs";

/** What becomes of the broker's answer to a produce request. */
export type Fault =
  /** The answer is lost, and the connection with it. */
  | { readonly kind: "lost" }
  /** The first partition of the answer carries this error code instead. */
  | { readonly kind: "error"; readonly code: number };

const PRODUCE_API_KEY = 0;
const API_KEY_AT = 4;
/** Size, correlation id and number of topics stand before the topic's name. */
const TOPIC_AT = 12;

/**
 * Sockets for kafkajs on which the answer to the n-th produce request (from 0,
 * over all connections) suffers `faultOf(n)`. The broker has done its part.
 */
export function faultySockets(
  faultOf: (n: number) => Fault | undefined,
): ISocketFactory {
  let produced = 0;
  return ({ host, port, onConnect }) => {
    const socket = connect({ host, port }, onConnect);
    let awaited = -1;
    const write = socket.write.bind(socket);
    socket.write = ((piece: Buffer) => {
      // Only the first piece of a frame is long enough and has a size in front.
      const isProduce =
        piece.length > TOPIC_AT &&
        piece.readInt32BE(0) >= piece.length - 4 &&
        piece.readInt16BE(API_KEY_AT) === PRODUCE_API_KEY;
      if (isProduce) awaited = produced++;
      return write(piece);
    }) as Socket["write"];
    const emit = socket.emit.bind(socket);
    socket.emit = ((event: string, ...args: unknown[]) => {
      if (event !== "data" || awaited < 0) return emit(event, ...args);
      const fault = faultOf(awaited);
      awaited = -1;
      if (fault?.kind === "lost") {
        socket.destroy(new Error("connection lost"));
        return true;
      }
      if (fault) setErrorCode(args[0] as Buffer, fault.code);
      return emit(event, ...args);
    }) as Socket["emit"];
    return socket;
  };
}

function setErrorCode(answer: Buffer, code: number): void {
  const topicLength = answer.readInt16BE(TOPIC_AT);
  const partitionsAt = TOPIC_AT + 2 + topicLength + 4;
  answer.writeInt16BE(code, partitionsAt + 4);
}
