import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fastify, {
  type ConnectionError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import type { IngestConfig } from "../config/ingest_config.ts";
import { messageOf, WorldError } from "../errors.ts";
import { answerBadBytes } from "../http/bad_bytes.ts";
import { bearerCheck } from "../http/bearer_token.ts";
import { listenFailure } from "../http/listening.ts";
import { Refusal } from "../http/refusal.ts";
import { addCors } from "./cors.ts";
import type { IngestCounts } from "./ingest_counts.ts";
import type { IngestMetrics } from "./ingest_metrics.ts";
import { ClientGone } from "./read_body.ts";
import type { VisitsIntake } from "./visits_intake.ts";

/** A head that takes longer, ms, is refused with 408, … */
const HEAD_TIMEOUT_MS = 15_000;
/** … and so is a request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How often that is looked for, ms. */
const TIMEOUT_CHECK_MS = 5_000;
/** More than proxies keep theirs, so that it is they who close, ms. */
const KEEP_ALIVE_MS = 75_000;
const CONNECTIONS_MAX = 10_000;
/** A stop waits so long, ms, for requests that are not all there. */
const STOP_PATIENCE_MS = 5_000;

/** What serves the requests. */
export interface IngestServerParts {
  readonly intake: VisitsIntake;
  readonly counts: IngestCounts;
  readonly metrics: IngestMetrics;
}

/** The HTTP side of an ingest. */
export class IngestServer {
  readonly #config: IngestConfig;
  readonly #parts: IngestServerParts;
  readonly #server: FastifyInstance;
  /** Connections with a request that is counted when it ends. */
  readonly #busy = new WeakSet<Socket>();
  #isStopping = false;

  constructor(config: IngestConfig, parts: IngestServerParts) {
    this.#config = config;
    this.#parts = parts;
    this.#server = fastify({
      logger: false,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      return503OnClosing: false,
      clientErrorHandler: (error, socket) => this.#badBytes(error, socket),
      http: {
        headersTimeout: HEAD_TIMEOUT_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      },
    });
    this.#server.server.maxConnections = CONNECTIONS_MAX;
    this.#setUp();
  }

  /** Listens; resolves to the URL. Throws a `WorldError`. */
  async listen(): Promise<string> {
    const { host, port } = this.#config.listen;
    try {
      return await this.#server.listen({ host, port });
    } catch (error) {
      const why = listenFailure(error, "choose another one with --listen");
      const text = `Cannot listen on ${host}:${port}: ${why}`;
      throw new WorldError(text, { cause: error });
    }
  }

  get connections(): Promise<number> {
    const { server } = this.#server;
    return new Promise((resolve) => {
      server.getConnections((_, count) => resolve(count ?? 0));
    });
  }

  /**
   * Takes no more requests; resolves when those that are there are answered, or
   * their clients were too slow.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const { server } = this.#server;
    const closed = new Promise((resolve) => server.close(resolve));
    const patience = new AbortController();
    const { signal } = patience;
    const late = sleep(STOP_PATIENCE_MS, undefined, { signal }).catch(() => {});
    await Promise.race([closed, late]);
    patience.abort();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#server.server.closeAllConnections();
    await this.#server.close();
  }

  #setUp(): void {
    const server = this.#server;
    const { cors, token } = this.#config;
    const { counts } = this.#parts;
    const isAllowed = token === null ? null : bearerCheck(token);
    // Bodies are read by ourselves.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", (_request, _body, done) => done(null));
    server.addHook("onRequest", ({ socket }, reply, done) => {
      counts.inFlightRequests++;
      this.#busy.add(socket);
      const { raw } = reply;
      raw.once("close", () => {
        counts.inFlightRequests--;
        this.#busy.delete(socket);
        if (raw.writableFinished) counts.answered(raw.statusCode);
        else counts.gone++;
      });
      done();
    });
    if (cors !== null) addCors(server, cors);
    server.addHook("onRequest", (request, _reply, done) => {
      const isOpen = request.url === "/healthz" || request.url === "/readyz";
      if (isAllowed === null || isOpen) done();
      else if (isAllowed(request.headers.authorization)) done();
      else done(unauthorized());
    });
    server.addHook("onSend", (_request, reply, _payload, done) => {
      if (this.#isStopping) reply.header("connection", "close");
      done();
    });
    server.setErrorHandler((error, _request, reply) => {
      this.#fail(error as Error, reply);
    });
    server.setNotFoundHandler((request) => notFound(request));
    server.post("/visits", (request, reply) => this.#post(request, reply));
    server.get("/healthz", (_request, reply) => reply.send("ok\n"));
    server.get("/readyz", (_request, reply) => this.#ready(reply));
    server.get("/metrics", async (_request, reply) => {
      const { metrics } = this.#parts;
      return reply.type(metrics.contentType).send(await metrics.text());
    });
  }

  async #post(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const beganAtMs = performance.now();
    const { intake, metrics } = this.#parts;
    const { status, json } = await intake.take(request.raw);
    if (status === 202) {
      metrics.requestSeconds.observe((performance.now() - beganAtMs) / 1000);
    }
    return reply.code(status).type("application/json").send(json);
  }

  #badBytes(error: ConnectionError, socket: Socket): void {
    const status = answerBadBytes(error, socket);
    if (status === null || this.#busy.has(socket)) return;
    this.#parts.counts.answered(status);
  }

  #ready(reply: FastifyReply): FastifyReply {
    const { trouble } = this.#parts.intake;
    if (trouble === null) return reply.send("ready\n");
    return reply.code(503).send(`not ready: ${trouble}\n`);
  }

  #fail(error: Error, reply: FastifyReply): void {
    if (error instanceof ClientGone) {
      reply.hijack();
      reply.raw.destroy();
      return;
    }
    if (error instanceof Refusal) {
      reply.code(error.statusCode).headers(error.headers);
    } else {
      const { statusCode = 500 } = error as { statusCode?: number };
      reply.code(statusCode);
    }
    reply.type("application/json").send({ error: messageOf(error) });
  }
}

function unauthorized(): Refusal {
  return new Refusal(
    401,
    "Cannot serve request: it needs the token, as in Authorization: Bearer TOKEN",
    { "www-authenticate": "Bearer" },
  );
}

function notFound(request: FastifyRequest): never {
  if (request.url.split("?", 1)[0] === "/visits") {
    throw new Refusal(405, "Cannot serve request: /visits takes POST alone", {
      allow: "POST",
    });
  }
  throw new Refusal(
    404,
    "Cannot serve request: there are POST /visits, GET /healthz, /readyz and /metrics",
  );
}
