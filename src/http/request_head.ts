import type { IncomingMessage, Server } from "node:http";
import { CONNECT } from "./bad_bytes.ts";
import { Refusal, shortJson } from "./refusal.ts";

const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/** Settings of a server whose heads are judged here, not by Node. */
export const JUDGED_HEADS = { requireHostHeader: false } as const;

/**
 * Has a server serve what Node would answer, or leave, by itself: a request whose
 * expectation it does not know, one whose client sends nothing more and waits,
 * half closed, for its answer, and CONNECT, which goes where bytes go that are no
 * request.
 */
export function serveAll(server: Server): void {
  server.on("checkExpectation", (request, response) => {
    server.emit("request", request, response);
  });
  server.on("connect", (_request, socket) => {
    // Node looks after it no more.
    socket.on("error", () => socket.destroy());
    const error = Object.assign(new Error(CONNECT), { code: CONNECT });
    server.emit("clientError", error, socket);
  });
  // Node's types do not have it, nor its documentation; RFC 9112, 9.6.
  Object.assign(server, { httpAllowHalfOpen: true });
}

/** Why a request with such a head is not served; null when it may be. */
export function headRefusal(request: IncomingMessage): Refusal | null {
  const { headers, rawHeaders, httpVersion } = request;
  const hosts = hostCount(rawHeaders);
  if (hosts === 0 && httpVersion === "1.1") {
    return refusal(400, "it names no host");
  }
  if (hosts > 1) return refusal(400, "it has more than one Host header");
  const coding = headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    const got = shortJson(coding);
    return refusal(501, `its Transfer-Encoding must be chunked, got ${got}`);
  }
  const { expect } = headers;
  if (expect === undefined || CONTINUE.test(expect)) return null;
  return refusal(
    417,
    `it may expect 100-continue alone, got ${shortJson(expect)}`,
  );
}

/** Node keeps the first of several alone. */
function hostCount(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === "host") count++;
  }
  return count;
}

/** Where a body ends is not sure then: the connection is not used again. */
function refusal(statusCode: number, words: string): Refusal {
  const text = `Cannot take the request: ${words}`;
  return new Refusal(statusCode, text, { connection: "close" });
}
