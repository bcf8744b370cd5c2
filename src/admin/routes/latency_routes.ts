import type { FastifyInstance } from "fastify";
import { suggestionFor } from "../../config/suggestion.ts";
import { Refusal } from "../../http/refusal.ts";
import type { LatencyName } from "../../observe/run_view.ts";
import { type LatencyViews, SPANS, type Span } from "../latency_views.ts";
import { CHOICE, LATENCY, RESET } from "../schemas/latency_schemas.ts";
import { answers, query, textAnswer } from "../schemas/schema.ts";
import type { AdminWorld } from "./admin_route.ts";

interface Choice {
  readonly name?: string;
  readonly span?: Span;
}

/** The latencies, as JSON and as HdrHistogram's files. */
export function addLatencyRoutes(
  app: FastifyInstance,
  { samples }: AdminWorld,
): void {
  app.get<{ Querystring: Choice }>(
    "/latency",
    {
      schema: {
        summary: "percentiles; with a name, those of one with their curve",
        querystring: query(CHOICE),
        response: answers(LATENCY),
      },
    },
    async ({ query }) => {
      const views = await samples.latencies();
      if (query.name === undefined) return overview(views, query.span);
      return views.plot(nameOf(query, views), query.span ?? "start");
    },
  );
  app.get<{ Querystring: Choice }>(
    "/latency.hgrm",
    {
      schema: {
        summary: "the percentile distribution in ms, as a .hgrm file",
        querystring: query(CHOICE),
        response: textAnswer("text/plain", "for HdrHistogram's plotters"),
      },
    },
    async ({ query }, reply) => {
      const views = await samples.latencies();
      const name = nameOf(query, views);
      const span = query.span ?? "start";
      sendAsFile(reply, `${name}-${span}.hgrm`);
      return views.hgrm(name, span);
    },
  );
  app.get<{ Querystring: Pick<Choice, "name"> }>(
    "/latency.hlog",
    {
      schema: {
        summary: "the last ten minutes, five seconds a line, as a .hlog file",
        querystring: query({ name: CHOICE.name }),
        response: textAnswer("text/plain", "HdrHistogram's log of intervals"),
      },
    },
    async ({ query }, reply) => {
      const views = await samples.latencies();
      const name = nameOf(query, views);
      sendAsFile(reply, `${name}.hlog`);
      return views.hlog(name);
    },
  );
  app.post(
    "/latency/reset",
    {
      schema: {
        summary: "begins the span reset anew",
        response: answers(RESET),
      },
    },
    async () => ({ resetAtMs: await samples.resetLatencies() }),
  );
}

function overview(views: LatencyViews, span: Span | undefined) {
  const spans = span === undefined ? SPANS : [span];
  const { names } = views;
  return {
    names,
    resetAtMs: views.resetMs,
    latencies: names.flatMap((name) =>
      spans.map((each) => views.summary(name, each)),
    ),
  };
}

/** Throws a `Refusal` for a name that the run does not measure. */
function nameOf({ name }: Choice, { names }: LatencyViews): LatencyName {
  const known = names.find((each) => each === name);
  if (known !== undefined) return known;
  if (name === undefined) {
    throw new Refusal(
      400,
      `Cannot choose a latency: say which with ?name=, there are ${names.join(", ")}`,
    );
  }
  const guess = suggestionFor(name, names);
  const hint = guess === undefined ? "" : `, did you mean "${guess}"`;
  throw new Refusal(
    404,
    `Cannot find a latency ${JSON.stringify(name)}${hint}; there are ${names.join(", ")}`,
  );
}

function sendAsFile(
  reply: {
    header(name: string, value: string): { type(type: string): unknown };
  },
  fileName: string,
): void {
  reply
    .header("content-disposition", `attachment; filename="${fileName}"`)
    .type("text/plain; charset=utf-8");
}
