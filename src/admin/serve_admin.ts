import { parse } from "node:querystring";
import swagger from "@fastify/swagger";
import fastify, { type FastifyError, type FastifyInstance } from "fastify";
import { formatAddress } from "../config/address.ts";
import { answerBadBytes } from "../http/bad_bytes.ts";
import { answerErrors, failureOf, sendFailure } from "../http/error_answers.ts";
import { type Listening, listenAt } from "../http/listen_at.ts";
import { isLoopback } from "../http/listening.ts";
import { isOpenToAll } from "../http/open_routes.ts";
import { Refusal } from "../http/refusal.ts";
import { headRefusal, JUDGED_HEADS, serveAll } from "../http/request_head.ts";
import { takeTurns } from "../http/take_turns.ts";
import { decodeQueryText } from "../observe/query_text.ts";
import type { RunView } from "../observe/run_view.ts";
import { cannotServe } from "./admin_address.ts";
import type { ServeOptions } from "./admin_options.ts";
import { boundAnswers } from "./bound_answers.ts";
import { boundConnections } from "./bound_connections.ts";
import { Guard, SECURITY_HEADERS } from "./guard.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { AdminWorld } from "./routes/admin_route.ts";
import { addHealthRoutes } from "./routes/health_routes.ts";
import { addLatencyRoutes } from "./routes/latency_routes.ts";
import { addPageRoutes } from "./routes/page_routes.ts";
import { addSessionRoutes } from "./routes/session_routes.ts";
import { addStateRoutes } from "./routes/state_routes.ts";
import { Samples } from "./samples.ts";

const BODY_BYTES_MAX = 64 * 1024;
const HEADER_BYTES_MAX = 16 * 1024;
const CONNECTIONS_MAX = 1_000;
/** Its clients ask for one thing after the other; others wait, a few KB each. */
const TURNS = { atOnce: 1, waitingMax: 10_000 };
/** Answers that their readers have not taken yet. */
const WAITING_BYTES_MAX = 64 * 1024 ** 2;
/** Headers, and the whole request, must be here in time, ms. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than anybody scrapes, ms. */
const KEEP_ALIVE_MS = 75_000;
/** Whoever neither sends nor takes a byte for so long is gone, ms. */
const SILENCE_MS = 90_000;
/** How many ports are tried, from the wished one on. */
const PORTS_TRIED = 100;

/** A server that listens. */
export interface AdminServer {
  readonly port: number;
  /** Ends it and all its connections. */
  close(): Promise<void>;
}

/**
 * Serves what can be seen of a run over HTTP. Runs in any thread. Throws a
 * `WorldError` when the address cannot be listened on.
 */
export async function serveAdmin(
  view: RunView,
  options: ServeOptions,
): Promise<AdminServer> {
  const samples = new Samples(view);
  const metrics = new Metrics(samples);
  const app = await createApp({ view, samples, metrics }, options);
  const listening = await listen(app, options);
  const { port } = listening;
  if (!isLoopback(options.host) && options.token === null) {
    const address = formatAddress({ host: options.host, port });
    options.warn(
      `the admin server listens on ${address} without --admin-token: whoever reaches it can read the open sessions`,
    );
  }
  samples.start();
  return {
    port,
    async close() {
      samples.stop();
      listening.stop();
      await app.close();
    },
  };
}

async function createApp(
  world: AdminWorld,
  { host, origins, token, version, warn }: ServeOptions,
): Promise<FastifyInstance> {
  const app = createFastify();
  const guard = new Guard({ host, origins, token });
  // With a callback: each request would wait for a promise.
  app.addHook("onRequest", (request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    const { url, headers } = request;
    const isOpen = isOpenToAll(request);
    const refusal = headRefusal(request.raw);
    done(refusal ?? guard.refusal({ url, isOpen, headers }));
  });
  boundAnswers(app, WAITING_BYTES_MAX);
  answerErrors(app, { headers: SECURITY_HEADERS, bodyRefusal, warn });
  await app.register(swagger, { openapi: describe(version) });
  // Within a plugin, so that the description has them.
  await app.register(async (inner) => {
    addHealthRoutes(inner, world);
    addStateRoutes(inner, world);
    addLatencyRoutes(inner, world);
    addSessionRoutes(inner, world);
    addPageRoutes(inner);
    inner.get("/openapi.json", { schema: { hide: true } }, async () =>
      app.swagger(),
    );
  });
  return app;
}

function createFastify(): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: SILENCE_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: HEADER_BYTES_MAX, querystringParser },
    http: {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      ...JUDGED_HEADS,
    },
    ajv: {
      customOptions: {
        // A misspelt parameter is refused, not passed over.
        removeAdditional: false,
        // They are fixed: to judge them at each start would cost it a quarter.
        validateSchema: false,
      },
    },
    clientErrorHandler: (error, socket) =>
      void answerBadBytes(error, socket, SECURITY_HEADERS),
    frameworkErrors(error: FastifyError, request, reply) {
      sendFailure(reply, failureOf(error, request), SECURITY_HEADERS);
    },
  });
  app.removeContentTypeParser("text/plain");
  // One made of each schema would cost a start more; tests compare answers.
  app.setSerializerCompiler(() => JSON.stringify);
  boundConnections(app.server, CONNECTIONS_MAX);
  serveAll(app.server);
  takeTurns(app.server, TURNS);
  return app;
}

function querystringParser(text: string) {
  const options = { decodeURIComponent: decodeQueryText, maxKeys: 0 };
  return parse(text, "&", "=", options);
}

/** What is wrong with a body, by Fastify's code. */
const BODY_FAULTS: Readonly<Record<string, [status: number, words: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, "is larger than 64 KiB"],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, "must be JSON, or there is none"],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, "is not JSON"],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, "is empty, and said to be JSON"],
};

function bodyRefusal(code: string): Refusal | undefined {
  const fault = BODY_FAULTS[code];
  if (fault === undefined) return undefined;
  const [status, words] = fault;
  return new Refusal(status, `Cannot take the request: its body ${words}`);
}

function describe(version: string) {
  return {
    openapi: "3.1.0" as const,
    info: {
      title: "sessionmill",
      description: "What a running job shows of itself",
      version,
    },
    components: {
      securitySchemes: { token: { type: "http" as const, scheme: "bearer" } },
    },
    security: [{ token: [] }, {}],
  };
}

async function listen(
  app: FastifyInstance,
  { host, port, mayMove }: ServeOptions,
): Promise<Listening> {
  const last = mayMove && port > 0 ? port + PORTS_TRIED - 1 : port;
  for (let next = port; ; next++) {
    try {
      return await listenAt(app, { host, port: next });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      if (code === "EADDRINUSE" && next < last) continue;
      await app.close();
      throw cannotServe({ host, port }, error);
    }
  }
}
