import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";

/** Connects to the server at a URL. */
export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname);
}

/** Sends bytes; resolves to all that comes back until the server closes. */
export async function exchange(url: string, bytes: string): Promise<string> {
  const socket = connectTo(url);
  socket.write(bytes);
  return await text(socket);
}

/** The same of a client that says that it sends no more. */
export async function exchangeHalfClosed(
  url: string,
  bytes: string,
): Promise<string> {
  const socket = connectTo(url);
  socket.end(bytes);
  return await text(socket);
}
