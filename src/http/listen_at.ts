import dns from "node:dns/promises";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { FastifyInstance } from "fastify";

/** A server that listens. */
export interface Listening {
  /** Of the first of its addresses. */
  readonly url: string;
  readonly port: number;
  /** Takes no more connections at the others. */
  stop(): void;
}

/**
 * Listens at a host and port; at all addresses of `localhost`. Fastify would make
 * a second server for these, which has none of the limits and counts of the
 * first: here they are connections of that one. Rejects as `listen` does.
 */
export async function listenAt(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const [first, ...others] = await addressesOf(host);
  const url = await app.listen({ host: first!, port });
  const bound = (app.server.address() as AddressInfo).port;
  const doors = others.map((address) => openDoor(app, address, bound));
  const open = (await Promise.all(doors)).filter((door) => door !== null);
  return {
    url,
    port: bound,
    stop() {
      for (const door of open) door.close();
    },
  };
}

async function addressesOf(host: string): Promise<string[]> {
  if (host !== "localhost") return [host];
  const found = await dns.lookup(host, { all: true }).catch(() => []);
  const addresses = new Set(found.map(({ address }) => address));
  return addresses.size === 0 ? [host] : [...addresses];
}

/** Null when nobody can listen there: the first address is enough. */
async function openDoor(
  { server }: FastifyInstance,
  host: string,
  port: number,
): Promise<Server | null> {
  // As Node's HTTP server takes its own.
  const options = { allowHalfOpen: true, noDelay: true };
  const door = createServer(options, (socket) => {
    server.emit("connection", socket);
  });
  door.maxConnections = server.maxConnections;
  try {
    door.listen({ host, port });
    await once(door, "listening");
    return door;
  } catch {
    return null;
  }
}
