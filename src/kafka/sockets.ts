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
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  socket.setNoDelay(true);
  return socket;
}
