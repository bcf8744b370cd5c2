import type { FastifyInstance } from "fastify";
import { isOpenToAll } from "../http/open_routes.ts";
import { Refusal } from "../http/refusal.ts";

/**
 * Keeps what readers have not taken yet to so many bytes: an answer that would
 * make it more is refused with 503. So those who ask for large sessions and read
 * them slowly cannot take the memory of the server. What anybody may ask, such
 * as whether the job is well, is small and always answered.
 */
export function boundAnswers(app: FastifyInstance, bytesMax: number): void {
  let waiting = 0;
  app.addHook("onSend", (request, reply, payload, done) => {
    const bytes = bytesOf(payload);
    // A refusal is an answer too.
    const isRefused = reply.statusCode === 503;
    if (waiting + bytes > bytesMax && !isRefused && !isOpenToAll(request)) {
      done(
        Refusal.unavailable(
          "Cannot answer now: other answers wait for their readers; ask again later",
        ),
      );
      return;
    }
    waiting += bytes;
    reply.raw.once("close", () => {
      waiting -= bytes;
    });
    done(null, payload);
  });
}

function bytesOf(payload: unknown): number {
  if (typeof payload === "string") return Buffer.byteLength(payload);
  return Buffer.isBuffer(payload) ? payload.length : 0;
}
