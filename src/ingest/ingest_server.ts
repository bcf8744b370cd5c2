import type { IncomingMessage } from "node:http";
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { formatAddress } from "../config/address.ts";
import type { IngestConfig } from "../config/ingest_config.ts";
import { WorldError } from "../errors.ts";
import { bearerCheck } from "../http/bearer_token.ts";
import { answerErrors, failureOf, sendFailure } from "../http/error_answers.ts";
import { type Listening, listenAt } from "../http/listen_at.ts";
import { listenFailure } from "../http/listening.ts";
import { isOpenToAll } from "../http/open_routes.ts";
import { Refusal } from "../http/refusal.ts";
import { headRefusal, JUDGED_HEADS, serveAll } from "../http/request_head.ts";
import { takeTurns } from "../http/take_turns.ts";
import { typeRefusal } from "./body_type.ts";
import { Clients } from "./clients.ts";
import { Cors } from "./cors.ts";
import type { IngestCounts } from "./ingest_counts.ts";
import type { IngestMetrics } from "./ingest_metrics.ts";
import { ClientGone } from "./read_body.ts";
import { RequestCounter } from "./request_counter.ts";
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
/** A client need not wait for Kafka each time; others wait, a few KB each. */
const TURNS = { atOnce: 16, waitingMax: 10_000 };
/** A stop waits so long, ms, for requests that are not all there. */
const STOP_PATIENCE_MS = 5_000;

/** What serves the requests. */
export interface IngestServerParts {
  readonly intake: VisitsIntake;
  readonly counts: IngestCounts;
  readonly metrics: IngestMetrics;
  readonly warn: (text: string) => void;
}

/** The HTTP side of an ingest. */
export class IngestServer {
  readonly #config: IngestConfig;
  readonly #parts: IngestServerParts;
  readonly #server: FastifyInstance;
  readonly #cors: Cors | null;
  readonly #requests: RequestCounter;
  readonly #clients: Clients;
  #listening: Listening | null = null;
  #isStopping = false;

  constructor(config: IngestConfig, parts: IngestServerParts) {
    this.#config = config;
    this.#parts = parts;
    this.#cors = config.cors === null ? null : new Cors(config.cors);
    this.#server = fastify({
      logger: false,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      return503OnClosing: false,
      clientErrorHandler: (error, socket) =>
        this.#requests.refuse(error, socket, (request) =>
          this.#headersFor(request),
        ),
      frameworkErrors: (error, request, reply) =>
        this.#misread(error, request, reply),
      http: {
        headersTimeout: HEAD_TIMEOUT_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        ...JUDGED_HEADS,
      },
    });
    const { server } = this.#server;
    server.maxConnections = CONNECTIONS_MAX;
    serveAll(server);
    takeTurns(server, TURNS);
    this.#requests = new RequestCounter(server, parts.counts);
    this.#clients = new Clients(server);
    this.#setUp();
  }

  /** Listens; resolves to the URL. Throws a `WorldError`. */
  async listen(): Promise<string> {
    const { listen } = this.#config;
    try {
      this.#listening = await listenAt(this.#server, listen);
      return this.#listening.url;
    } catch (error) {
      const why = listenFailure(error, "choose another one with --listen");
      const text = `Cannot listen on ${formatAddress(listen)}: ${why}`;
      throw new WorldError(text, { cause: error });
    }
  }

  get connections(): number {
    return this.#clients.count;
  }

  /** Why clients had better go elsewhere; null when they need not. */
  get trouble(): string | null {
    return this.#isStopping ? "it stops" : this.#parts.intake.trouble;
  }

  /** Whether anybody would be surprised if it stopped now. */
  get isNeeded(): boolean {
    return this.#clients.wouldMissIt;
  }

  /**
   * Says that it stops, and goes on for so long, ms, or until nobody needs it. Who
   * is answered meanwhile closes the connection, so that none is cut.
   */
  async drain(forMs: number): Promise<void> {
    this.#isStopping = true;
    await this.#clients.noticed(forMs);
  }

  /**
   * Takes no more connections; resolves when those that are there have their
   * answers, or their clients were too slow.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#clients.taken();
    this.#listening?.stop();
    this.#server.server.close();
    await this.#clients.gone(STOP_PATIENCE_MS);
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#listening?.stop();
    this.#server.server.closeAllConnections();
    await this.#server.close();
  }

  #setUp(): void {
    const server = this.#server;
    const cors = this.#cors;
    const { token } = this.#config;
    const { warn } = this.#parts;
    const isAllowed = token === null ? null : bearerCheck(token);
    // Bodies are read by ourselves.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", (_request, _body, done) => done(null));
    if (cors !== null) {
      server.addHook("onRequest", (request, reply, done) =>
        cors.meet(request, reply, done),
      );
    }
    server.addHook("onRequest", (request, _reply, done) => {
      const refusal = headRefusal(request.raw);
      if (refusal !== null) done(refusal);
      else if (isAllowed === null || isOpenToAll(request)) done();
      else if (isAllowed(request.headers.authorization)) done();
      else done(unauthorized());
    });
    server.addHook("onSend", (_request, reply, _payload, done) => {
      if (this.#isStopping && this.#requests.isLast(reply.raw)) {
        reply.header("connection", "close");
      }
      done();
    });
    answerErrors(server, {
      headers: {},
      bodyRefusal(code, { headers }) {
        if (code !== "FST_ERR_CTP_INVALID_MEDIA_TYPE") return undefined;
        return typeRefusal(headers["content-type"], cors !== null);
      },
      warn,
    });
    this.#addRoutes();
  }

  #addRoutes(): void {
    const server = this.#server;
    const open = { config: { isOpen: true } };
    server.post("/visits", (request, reply) => this.#post(request, reply));
    server.get("/healthz", open, (_request, reply) => reply.send("ok\n"));
    server.get("/readyz", open, (_request, reply) => this.#ready(reply));
    server.get("/metrics", async (_request, reply) => {
      const { metrics } = this.#parts;
      return reply.type(metrics.contentType).send(await metrics.text());
    });
  }

  async #post(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const beganAtMs = performance.now();
    const { intake, metrics } = this.#parts;
    try {
      const { status, json } = await intake.take(request.raw);
      if (status === 202) {
        metrics.requestSeconds.observe((performance.now() - beganAtMs) / 1000);
      }
      return reply.code(status).type("application/json").send(json);
    } catch (error) {
      if (!(error instanceof ClientGone)) throw error;
      reply.hijack();
      reply.raw.destroy();
      return undefined;
    }
  }

  /** An address that no route can be looked for: no hook has seen the request. */
  #misread(
    error: FastifyError,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    if (this.#isStopping) reply.header("connection", "close");
    const answer = (refusal = failureOf(error, request)) =>
      void sendFailure(reply, refusal, {});
    if (this.#cors === null) answer();
    else this.#cors.meet(request, reply, answer);
  }

  /** What an answer bears that no hook sees. */
  #headersFor(request: IncomingMessage | null): Record<string, string> {
    const { origin } = request?.headers ?? {};
    if (origin === undefined) return {};
    return { ...this.#cors?.headersFor(origin) };
  }

  #ready(reply: FastifyReply): FastifyReply {
    this.#clients.probed();
    const { trouble } = this;
    if (trouble === null) return reply.send("ready\n");
    return reply.code(503).send(`not ready: ${trouble}\n`);
  }
}

function unauthorized(): Refusal {
  return new Refusal(
    401,
    "Cannot serve request: it needs the token, as in Authorization: Bearer TOKEN",
    { "www-authenticate": "Bearer" },
  );
}
