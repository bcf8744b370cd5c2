import { once } from "node:events";
import { createServer } from "node:net";
import { formatAddress } from "../config/address.ts";
import { WorldError } from "../errors.ts";
import { listenFailure } from "../http/listening.ts";
import type { AdminOptions } from "./admin_options.ts";

type AdminAddress = Pick<AdminOptions, "host" | "port">;

/**
 * Throws a `WorldError` when nobody can listen there. The server itself would say
 * so when its thread has loaded, and a short run is over by then.
 */
export async function assertAddressFree(address: AdminAddress): Promise<void> {
  const server = createServer();
  try {
    server.listen(address);
    await once(server, "listening");
  } catch (error) {
    throw cannotServe(address, error);
  }
  server.close();
  await once(server, "close");
}

/** What to tell when the admin server cannot listen there. */
export function cannotServe(address: AdminAddress, error: unknown): WorldError {
  const why = listenFailure(error, "choose another one, or --admin off");
  const at = formatAddress(address);
  return new WorldError(`Cannot serve --admin on ${at}: ${why}`);
}
