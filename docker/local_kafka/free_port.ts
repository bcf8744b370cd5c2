import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the ports that operating systems give to connections (from 32,768 on in
 * Linux): whoever stops listening here to begin again finds the port as it was.
 */
const FIRST_PORT = 20_000;
const END_PORT = 32_768;
const TRIES = 100;

/** A loopback port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FIRST_PORT, END_PORT);
    if (await isPortFree(port)) return port;
  }
  throw new Error(
    `Cannot find a free port: ${TRIES} from ${FIRST_PORT} to ${END_PORT - 1} are taken`,
  );
}

/** Whether nobody listens on the loopback port `port`. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
