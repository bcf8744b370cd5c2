import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import { withSuggestion } from "../config/suggestion.ts";
import { messageOf, WorldError } from "../errors.ts";
import { Refusal } from "../http/refusal.ts";
import { SECURITY_HEADERS } from "./guard.ts";

/** What Fastify's own errors say in our words, by its code. */
const FASTIFY_ERRORS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "its body is larger than 64 KiB",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "its body must be JSON, or there is none",
  FST_ERR_CTP_INVALID_JSON_BODY: "its body is not JSON",
  FST_ERR_CTP_EMPTY_JSON_BODY: "its body is empty, and said to be JSON",
  FST_ERR_BAD_URL: "its address has a % that encodes nothing",
  FST_ERR_MAX_PARAM_LENGTH: "a part of its address is too long",
};

/** Characters of what was given that an answer repeats. */
const GIVEN_MAX = 100;

/** The routes of a server by path: the methods that they take. */
export type RouteMethods = ReadonlyMap<string, readonly string[]>;

/** Sees to it that every failure is `{"error": sentence}`. */
export function answerErrors(
  app: FastifyInstance,
  options: {
    readonly routes: RouteMethods;
    warn(text: string): void;
  },
): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error as FastifyError, request);
    if (failure.statusCode === 500) {
      const cause = error instanceof Error ? error.stack : String(error);
      options.warn(`Cannot answer ${pathOf(request)}: ${cause}`);
    }
    return sendFailure(reply, failure);
  });
  app.setNotFoundHandler((request, reply) =>
    sendFailure(reply, lostFailure(request, options.routes)),
  );
}

/** Answers with a failure. */
export function sendFailure(
  reply: FastifyReply,
  { statusCode, message, headers }: Refusal,
): FastifyReply {
  return reply
    .code(statusCode)
    .headers({ ...SECURITY_HEADERS, ...headers })
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
      `Cannot answer ${request.method} ${pathOf(request)}: something is wrong inside, the log of the job has more`,
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

function shortJson(given: unknown): string {
  const json = JSON.stringify(given);
  return json.length <= GIVEN_MAX ? json : `${json.slice(0, GIVEN_MAX)}…`;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?")[0]!.slice(0, 200);
}
