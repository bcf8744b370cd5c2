import type { FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../http/refusal.ts";

type Headers = Readonly<Record<string, string>>;

/** A browser may remember the answer to a preflight for so long, s. */
const PREFLIGHT_SECONDS = "7200";

const PREFLIGHT_HEADERS: Headers = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers":
    "authorization, content-type, content-encoding",
  "access-control-max-age": PREFLIGHT_SECONDS,
};

const NONE: Headers = {};

/** When to come again is for pages too; they read no other headers. */
const EXPOSED = { "access-control-expose-headers": "Retry-After" };

/**
 * Lets pages of some origins send visits, `*` for any; a page of another one is
 * refused, also where its browser would not ask before it sends.
 */
export class Cors {
  readonly #ofAny: Headers | null;
  readonly #byOrigin: ReadonlyMap<string, Headers>;

  constructor(origins: readonly string[]) {
    const ofAny = { "access-control-allow-origin": "*", ...EXPOSED };
    this.#ofAny = origins.includes("*") ? ofAny : null;
    this.#byOrigin = new Map(
      origins.map((origin) => [origin, headersOf(origin)]),
    );
  }

  /**
   * Lets the page that asks, if one does, read the answer. Answers a preflight;
   * after any other request `next` is called, with why the page may not ask.
   */
  meet(
    { method, headers }: FastifyRequest,
    reply: FastifyReply,
    next: (refusal?: Refusal) => void,
  ): void {
    const { origin } = headers;
    const own = origin === undefined ? NONE : this.headersFor(origin);
    if (own !== null) reply.headers(own);
    if (own === null) next(notNamed());
    else if (origin === undefined || method !== "OPTIONS") next();
    else reply.code(204).headers(PREFLIGHT_HEADERS).send();
  }

  /** What lets a page read an answer; null for one that may not send. */
  headersFor(origin: string): Headers | null {
    return this.#ofAny ?? this.#byOrigin.get(origin) ?? null;
  }
}

/** A beacon of JSON comes with credentials, though we look at none. */
function headersOf(origin: string): Headers {
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    vary: "Origin",
    ...EXPOSED,
  };
}

function notNamed(): Refusal {
  return new Refusal(
    403,
    "Cannot serve request: its Origin is none of those of --cors",
  );
}
