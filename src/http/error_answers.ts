import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import { withSuggestion } from "../config/suggestion.ts";
import { messageOf, WorldError } from "../errors.ts";
import { Refusal, shortJson } from "./refusal.ts";

/** What Fastify's own errors say in our words, by its code. */
const FASTIFY_ERRORS: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: "its address has a % that encodes nothing",
  FST_ERR_MAX_PARAM_LENGTH: "a part of its address is too long",
};
const MEDIA_TYPE = "FST_ERR_CTP_INVALID_MEDIA_TYPE";

/** An address may be a whole URL: what of it stands before its path. */
const ORIGIN = /^https?:\/\/.*?(?=\/)/;

/** The routes of a server by path: the methods that they take. */
type RouteMethods = ReadonlyMap<string, readonly string[]>;

/** What is a server's own in its failures. */
export interface ErrorAnswersOptions {
  /** The headers that each of them bears. */
  readonly headers: Readonly<Record<string, string>>;
  /** What it says of a request whose body is not taken, by Fastify's code. */
  bodyRefusal(code: string, request: FastifyRequest): Refusal | undefined;
  warn(text: string): void;
}

/**
 * Sees to it that every failure is `{"error": sentence}`; to be called before
 * there are routes.
 */
export function answerErrors(
  app: FastifyInstance,
  { headers, bodyRefusal, warn }: ErrorAnswersOptions,
): void {
  const routes = new Map<string, string[]>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = routes.get(url) ?? [];
    routes.set(url, [...methods, ...[method].flat()]);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { code } = error;
    // A type that is none is told before it is looked for a route.
    const isLost = request.is404 && code === MEDIA_TYPE;
    const failure = isLost
      ? lostFailure(request, routes)
      : (bodyRefusal(code, request) ?? failureOf(error, request));
    if (failure.statusCode === 500) {
      const cause = error instanceof Error ? error.stack : String(error);
      warn(`Cannot answer ${pathOf(request)}: ${cause}`);
    }
    return sendFailure(reply, failure, headers);
  });
  app.setNotFoundHandler((request, reply) =>
    sendFailure(reply, lostFailure(request, routes), headers),
  );
}

/** Answers with a failure. */
export function sendFailure(
  reply: FastifyReply,
  { statusCode, message, headers }: Refusal,
  ownHeaders: Readonly<Record<string, string>>,
): FastifyReply {
  return reply
    .code(statusCode)
    .headers({ ...ownHeaders, ...headers })
    .type("application/json; charset=utf-8")
    .send(JSON.stringify({ error: message }));
}

/** What becomes of an error that a request met with. */
export function failureOf(
  error: FastifyError,
  request: FastifyRequest,
): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof WorldError) return Refusal.unavailable(error.message);
  const { statusCode = 500, validation, code } = error;
  if (validation !== undefined) {
    return new Refusal(400, validationText(error, request));
  }
  if (statusCode >= 500) {
    return new Refusal(
      500,
      `Cannot answer ${request.method} ${pathOf(request)}: something is wrong inside, the log has more`,
    );
  }
  const words = FASTIFY_ERRORS[code] ?? messageOf(error);
  return new Refusal(statusCode, `Cannot take the request: ${words}`);
}

/** There is no such route, or not with this method. */
function lostFailure(request: FastifyRequest, routes: RouteMethods): Refusal {
  const path = pathOf(request);
  for (const [route, methods] of routes) {
    if (!matches(path, route)) continue;
    const allow = methods.join(", ");
    return new Refusal(
      405,
      `Cannot answer ${request.method} ${path}: it takes ${allow}`,
      { allow },
    );
  }
  const known = [...routes.keys()];
  const message = withSuggestion(`Cannot find ${path}`, {
    word: path,
    candidates: known,
  });
  return new Refusal(404, `${message}; there are ${known.join(", ")}`);
}

function matches(path: string, route: string): boolean {
  const parts = path.split("/");
  const pattern = route.split("/");
  return (
    parts.length === pattern.length &&
    pattern.every((part, i) => part.startsWith(":") || part === parts[i])
  );
}

function validationText(error: FastifyError, request: FastifyRequest): string {
  const [fault] = error.validation!;
  const begin = `Cannot take ${request.method} ${pathOf(request)}:`;
  if (fault === undefined) return `${begin} ${error.message}`;
  const { instancePath, keyword, params, message } = fault;
  const name = instancePath.slice(1);
  if (keyword === "additionalProperties") {
    const extra = String(params.additionalProperty);
    return `${begin} there is no parameter ${JSON.stringify(extra)}`;
  }
  if (keyword === "required") {
    return `${begin} its parameter ${String(params.missingProperty)} is missing`;
  }
  const given = (request.query as Record<string, unknown>)[name];
  const got = given === undefined ? "" : `, got ${shortJson(given)}`;
  if (keyword === "enum") {
    const allowed = (params.allowedValues as string[]).join(", ");
    return `${begin} ${name} must be one of ${allowed}${got}`;
  }
  return `${begin} ${name} ${message ?? "is wrong"}${got}`;
}

function pathOf(request: FastifyRequest): string {
  const address = request.url.replace(ORIGIN, "");
  return address.split(/[?#]/, 1)[0]!.slice(0, 200);
}
