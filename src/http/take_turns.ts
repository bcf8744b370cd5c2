import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How much is taken of clients that ask again before they have their answers. */
export interface TurnBounds {
  /** Requests of one connection that are worked on at once. */
  readonly atOnce: number;
  /** Requests of all connections that wait behind these. */
  readonly waitingMax: number;
}

/** The requests of one connection. */
interface Line {
  working: number;
  readonly waiting: [IncomingMessage, ServerResponse][];
}

/**
 * Has the requests of a connection wait for their turns, and reads no more of it
 * while one waits: Node works on all that it has read at once, and a request is
 * a hundred times as large in memory as on the wire. Whoever goes away takes what
 * waits along. One more than may wait closes its connection: what Node has read
 * cannot be given back. To be called when the server has its handler.
 */
export function takeTurns(server: Server, bounds: TurnBounds): void {
  const { atOnce, waitingMax } = bounds;
  const handlers = server.listeners("request") as Handler[];
  server.removeAllListeners("request");
  const lines = new WeakMap<Socket, Line>();
  let waitingOfAll = 0;

  function lineOf(socket: Socket): Line {
    const known = lines.get(socket);
    if (known !== undefined) return known;
    const line: Line = { working: 0, waiting: [] };
    lines.set(socket, line);
    socket.once("close", () => {
      waitingOfAll -= line.waiting.length;
      line.waiting.length = 0;
    });
    return line;
  }

  function work(
    line: Line,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    line.working++;
    response.once("close", () => {
      line.working--;
      // Others come first: a connection may have much to ask.
      if (line.waiting.length > 0) setImmediate(next, line);
    });
    for (const handle of handlers) handle.call(server, request, response);
  }

  function next(line: Line): void {
    if (line.working >= atOnce) return;
    const exchange = line.waiting.shift();
    if (exchange === undefined) return;
    waitingOfAll--;
    const [request, response] = exchange;
    if (line.waiting.length === 0) request.socket.resume();
    work(line, request, response);
  }

  function wait(
    line: Line,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { socket } = request;
    if (waitingOfAll >= waitingMax) {
      socket.destroy();
      return;
    }
    waitingOfAll++;
    if (line.waiting.push([request, response]) > 1) return;
    // Behind what was read: Node reads on when a request is all there.
    process.nextTick(() => {
      if (line.waiting.length > 0) socket.pause();
    });
  }

  server.on("request", (request, response) => {
    const { socket } = request;
    // The rest of what Node has read of a connection that is closed.
    if (socket.destroyed) return;
    const line = lineOf(socket);
    const isItsTurn = line.working < atOnce && line.waiting.length === 0;
    if (isItsTurn) work(line, request, response);
    else wait(line, request, response);
  });
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
