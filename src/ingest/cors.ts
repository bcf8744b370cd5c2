import type { FastifyInstance } from "fastify";
import { Refusal } from "../http/refusal.ts";

/** A browser may remember the answer to a preflight for so long, s. */
const PREFLIGHT_SECONDS = "7200";

/**
 * Lets pages of these origins send visits, `*` for any; a page of another one is
 * refused, also where its browser would not ask before it sends.
 */
export function addCors(
  server: FastifyInstance,
  origins: readonly string[],
): void {
  const isAny = origins.includes("*");
  server.addHook("onRequest", (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined) return done();
    if (!isAny && !origins.includes(origin)) {
      return done(
        new Refusal(
          403,
          "Cannot serve request: its Origin is none of those of --cors",
        ),
      );
    }
    reply.header("access-control-allow-origin", isAny ? "*" : origin);
    if (!isAny) reply.header("vary", "Origin");
    if (request.method !== "OPTIONS") return done();
    return reply
      .code(204)
      .headers({
        "access-control-allow-methods": "POST",
        "access-control-allow-headers":
          "authorization, content-type, content-encoding",
        "access-control-max-age": PREFLIGHT_SECONDS,
      })
      .send();
  });
}
