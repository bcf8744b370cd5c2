import { createRequire } from "node:module";
import type { Socket } from "node:net";

// `import` would read all that node:http has, and with that load the client of
// `fetch`: 30 ms of CPU at each start.
const require = createRequire(import.meta.url);
const { STATUS_CODES } = require("node:http") as typeof import("node:http");

/** The code of the error that is made of a request for a tunnel. */
export const CONNECT = "CONNECT";

/** Errors of Node's parser: status and words. */
const PARSER_ERRORS: Readonly<Record<string, [status: number, words: string]>> =
  {
    HPE_HEADER_OVERFLOW: [431, "its headers are larger than 16 KiB"],
    HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "its chunks have too many extensions"],
    ERR_HTTP_REQUEST_TIMEOUT: [408, "it took too long to arrive"],
    HPE_INVALID_HEADER_TOKEN: [400, "a header of it is malformed"],
    HPE_INVALID_VERSION: [400, "its version is not 1.1"],
    [CONNECT]: [400, "it is CONNECT, and this is no proxy"],
  };
const NOT_HTTP: [status: number, words: string] = [400, "it is not HTTP/1.1"];

/** From where the parser has stopped within a method: a request line for all that. */
const REQUEST_LINE = /^\S* \S+ HTTP\/1\.[01]\r?\n/;

/** An error of Node's parser, of a socket, or of `serveAll`. */
export interface BytesError {
  readonly code: string;
  /** What was read last, and how far it was understood. */
  readonly rawPacket?: unknown;
  readonly bytesParsed?: number;
}

/**
 * Answers on a connection whose bytes are no request that Node understands, and
 * ends it. Returns the status; null when nobody is there to be answered.
 */
export function answerBadBytes(
  error: BytesError,
  socket: Socket,
  headers: Readonly<Record<string, string>> = {},
): number | null {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return null;
  }
  const [status, words] = faultOf(error);
  const body = JSON.stringify({ error: `Cannot take the request: ${words}` });
  const all = {
    ...headers,
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  const lines = Object.entries(all).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}`;
  socket.end(`${head}\r\n${lines.join("")}\r\n${body}`);
  // Whoever goes on sending is not listened to.
  socket.destroySoon();
  return status;
}

function faultOf(error: BytesError): [status: number, words: string] {
  const { code, rawPacket, bytesParsed } = error;
  if (code === "HPE_INVALID_METHOD" && Buffer.isBuffer(rawPacket)) {
    const rest = rawPacket.toString("latin1", bytesParsed);
    if (REQUEST_LINE.test(rest)) return [501, "its method is not known here"];
  }
  return PARSER_ERRORS[code] ?? NOT_HTTP;
}
