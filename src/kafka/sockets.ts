import net, { type Socket } from "node:net";
import tls from "node:tls";
import type { ISocketFactoryArgs } from "kafkajs";

const KEEP_ALIVE_DELAY_MS = 60_000;

/**
 * Makes a socket as kafkajs does, but one that sends the end of a request at
 * once: it would else wait until the broker confirmed what went before.
 */
export function createSocket({
  host,
  port,
  ssl,
  onConnect,
}: ISocketFactoryArgs): Socket {
  const name = net.isIP(host) ? {} : { servername: host };
  const socket = ssl
    ? tls.connect({ host, port, ...name, ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  tuneSocket(socket);
  return socket;
}

/** What every socket to a broker needs. */
export function tuneSocket(socket: Socket): void {
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  socket.setNoDelay(true);
  // kafkajs calls `unref` on a socket at each disconnect, also when it has long
  // been closed. Node would then wait for a connection that never comes, with
  // one listener more each time.
  socket.once("close", () => {
    socket.unref = () => socket;
  });
}
