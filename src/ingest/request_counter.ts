import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { answerBadBytes } from "../http/bad_bytes.ts";
import type { IngestCounts } from "./ingest_counts.ts";

/** What Node calls the end of a connection in the middle of a request. */
const CUT_OFF = "HPE_INVALID_EOF_STATE";

/** An error of Node's parser, of a socket, or of a request that is too slow. */
export interface BadBytes extends Error {
  readonly code: string;
}

/** The requests of one connection. */
class Asked {
  /** In the order in which they are answered. */
  readonly unanswered = new Set<ServerResponse>();
  /** The last one, answered or not, unless it is all there and answered. */
  last: ServerResponse | null = null;
  /** It was answered on the socket itself. */
  refused: ServerResponse | null = null;
  /** What came is no request: none is behind it. */
  isBroken = false;

  /** The one that is not all there. */
  get partial(): ServerResponse | null {
    return this.last?.req.complete === false ? this.last : null;
  }
}

/** Counts each request once: by the status of its answer, or as gone. */
export class RequestCounter {
  readonly #counts: IngestCounts;
  readonly #byConnection = new WeakMap<Socket, Asked>();

  constructor(server: Server, counts: IngestCounts) {
    this.#counts = counts;
    // Before anybody answers.
    server.prependListener("request", ({ socket }: IncomingMessage, response) =>
      this.#begin(this.#askedOf(socket), response),
    );
  }

  /**
   * Answers bytes that are no request, when it is their turn, and ends the
   * connection. `headersOf` says what the answer bears: to a request that broke
   * off, or to none.
   */
  refuse(
    error: BadBytes,
    socket: Socket,
    headersOf: (request: IncomingMessage | null) => Record<string, string>,
  ): void {
    const asked = this.#askedOf(socket);
    // Whoever goes on sending is not listened to.
    if (asked.isBroken) return;
    asked.isBroken = true;
    const { partial, unanswered } = asked;
    const answer = () => {
      // Either it has its answer, or nobody is there to get one.
      const isOver = partial?.headersSent || error.code === CUT_OFF;
      if (partial !== null && isOver) return socket.destroySoon();
      const headers = headersOf(partial?.req ?? null);
      const status = answerBadBytes(error, socket, headers);
      if (status === null) return;
      asked.refused = partial;
      this.#counts.answered(status);
    };
    const before = [...unanswered].filter((each) => each !== partial).at(-1);
    if (before === undefined) answer();
    else before.once("close", answer);
  }

  /** Whether its connection has asked for nothing behind it so far. */
  isLast(response: ServerResponse): boolean {
    return this.#askedOf(response.req.socket).last === response;
  }

  #askedOf(socket: Socket): Asked {
    let asked = this.#byConnection.get(socket);
    if (asked === undefined) {
      asked = new Asked();
      this.#byConnection.set(socket, asked);
    }
    return asked;
  }

  #begin(asked: Asked, response: ServerResponse): void {
    this.#counts.inFlightRequests++;
    asked.unanswered.add(response);
    asked.last = response;
    response.once("close", () => this.#end(asked, response));
  }

  #end(asked: Asked, response: ServerResponse): void {
    this.#counts.inFlightRequests--;
    asked.unanswered.delete(response);
    if (asked.last === response && response.req.complete) asked.last = null;
    if (response.writableFinished) this.#counts.answered(response.statusCode);
    else if (asked.refused !== response) this.#counts.gone++;
  }
}
