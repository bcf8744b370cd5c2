import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

/** Errors of Node's parser: status and words. */
const PARSER_ERRORS: Readonly<Record<string, [status: number, words: string]>> =
  {
    HPE_HEADER_OVERFLOW: [431, "its headers are larger than 16 KiB"],
    HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "its chunks have too many extensions"],
    ERR_HTTP_REQUEST_TIMEOUT: [408, "it took too long to arrive"],
  };

/**
 * Answers on a connection whose bytes are no request that Node understands, and
 * ends it. Returns the status; null when nobody is there to be answered.
 */
export function answerBadBytes(
  error: { readonly code: string },
  socket: Socket,
  headers: Readonly<Record<string, string>> = {},
): number | null {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return null;
  }
  const [status, words] = PARSER_ERRORS[error.code] ?? [
    400,
    "it is not HTTP/1.1",
  ];
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
