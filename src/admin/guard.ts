import { bearerCheck } from "../http/bearer_token.ts";
import { isLoopback } from "../http/listening.ts";
import { Refusal } from "../http/refusal.ts";

/** A visit_id may be long; more than this is no address. */
const URL_CHARACTERS_MAX = 8_192;

/** Of a request line with a whole URL; RFC 9112, 3.2.2: it counts, not `Host`. */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;

const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"];

/** What every answer bears: a page of ours loads nothing from elsewhere. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** The part of a request that decides whether it is let in. */
export interface GuardedRequest {
  readonly url: string;
  /** Anybody may ask. */
  readonly isOpen: boolean;
  readonly headers: {
    readonly host?: string | undefined;
    readonly origin?: string | undefined;
    readonly authorization?: string | undefined;
  };
}

/** Lets requests in, or says why not. */
export class Guard {
  /** Those that a request may name; null where we do not know all of ours. */
  readonly #hostNames: ReadonlySet<string> | null;
  /** Where else pages of ours are seen, and the hosts of these. */
  readonly #origins: ReadonlySet<string>;
  readonly #originHosts: ReadonlySet<string>;
  readonly #isBearer: ((authorization: string | undefined) => boolean) | null;

  constructor(options: {
    readonly host: string;
    readonly origins: readonly string[];
    readonly token: string | null;
  }) {
    const { host, origins, token } = options;
    const hosts = origins.map((origin) => new URL(origin).host);
    const named = hosts.map(nameOf);
    const names = [...LOOPBACK_NAMES, ...namesOf(host), ...named];
    this.#hostNames = isLoopback(host) ? new Set(names) : null;
    this.#origins = new Set(origins);
    this.#originHosts = new Set(hosts);
    this.#isBearer = token === null ? null : bearerCheck(token);
  }

  /** Why the request is not answered; undefined when it may be. */
  refusal(request: GuardedRequest): Refusal | undefined {
    const { url, isOpen, headers } = request;
    if (url.length > URL_CHARACTERS_MAX) {
      return new Refusal(
        414,
        `Cannot take the request: its address has ${url.length} characters, ${URL_CHARACTERS_MAX} at most`,
      );
    }
    const host = AUTHORITY.exec(url)?.[1] ?? headers.host;
    return (
      this.#hostRefusal(host) ??
      this.#originRefusal(headers.origin, host) ??
      (isOpen ? undefined : this.#tokenRefusal(headers.authorization))
    );
  }

  /** On loopback: a page of another site could give its own name our address. */
  #hostRefusal(host: string | undefined): Refusal | undefined {
    if (host === undefined) {
      return new Refusal(400, "Cannot take the request: it names no host");
    }
    const names = this.#hostNames;
    if (names === null || names.has(nameOf(host))) return undefined;
    const known = [...names];
    const last = known.pop();
    return new Refusal(
      403,
      `Cannot answer for the host ${JSON.stringify(host)}: on loopback it must be ${known.join(", ")} or ${last}; behind a proxy, name it with --admin-origin`,
    );
  }

  /** A page of another site may neither read nor change anything. */
  #originRefusal(
    origin: string | undefined,
    host: string | undefined,
  ): Refusal | undefined {
    if (origin === undefined || this.#origins.has(origin)) return undefined;
    // What is named is taken to the letter: no http:// where it is https://.
    const isNamed = this.#originHosts.has(host?.toLowerCase() ?? "");
    const isOwn =
      !isNamed && URL.canParse(origin) && new URL(origin).host === host;
    if (isOwn) return undefined;
    return new Refusal(
      403,
      `Cannot answer a page of ${JSON.stringify(origin)}: only pages of this server may ask; behind a proxy, name its origin with --admin-origin`,
    );
  }

  #tokenRefusal(authorization: string | undefined): Refusal | undefined {
    if (this.#isBearer === null || this.#isBearer(authorization)) {
      return undefined;
    }
    const wrong =
      authorization === undefined
        ? "it needs a token"
        : "its token is not the right one";
    return new Refusal(
      401,
      `Cannot answer: ${wrong}, send the header "Authorization: Bearer TOKEN" with that of --admin-token`,
      { "www-authenticate": 'Bearer realm="sessionmill"' },
    );
  }
}

/** The name in a Host header, without the port. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, "").toLowerCase();
}

/** The names of an address that is listened on: as it was given, and as browsers write it. */
function namesOf(host: string): string[] {
  const given = host.includes(":") ? `[${host}]` : host;
  const url = `http://${given}`;
  const written = URL.canParse(url) ? [new URL(url).hostname] : [];
  return [given.toLowerCase(), ...written];
}
