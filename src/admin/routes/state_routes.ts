import type { FastifyInstance } from "fastify";
import {
  answers,
  list,
  number,
  object,
  query,
  textAnswer,
} from "../schemas/schema.ts";
import { HISTORY, PARTITION, SHARD, STATE } from "../schemas/state_schemas.ts";
import { partitionForms, stateForm } from "../state_form.ts";
import type { AdminWorld } from "./admin_route.ts";

/** How the run stands, and where it came from: JSON, and for Prometheus. */
export function addStateRoutes(
  app: FastifyInstance,
  { samples, metrics }: AdminWorld,
): void {
  app.get(
    "/state",
    {
      schema: { summary: "how the run stands", response: answers(STATE) },
    },
    async () => stateForm(await samples.fresh()),
  );
  app.get<{ Querystring: { since?: number } }>(
    "/history",
    {
      schema: {
        summary: "the last ten minutes, a sample a second",
        querystring: query({
          since: number("only samples after this, wall clock in ms"),
        }),
        response: answers(HISTORY),
      },
    },
    async ({ query }) => {
      await samples.fresh();
      return samples.history.columns(query.since ?? -Infinity);
    },
  );
  app.get(
    "/partitions",
    {
      schema: {
        summary: "the owned partitions, and which one holds the watermark back",
        response: answers(object({ partitions: list(PARTITION) })),
      },
    },
    async () => ({ partitions: partitionForms((await samples.fresh()).state) }),
  );
  app.get(
    "/shards",
    {
      schema: {
        summary: "the shards",
        response: answers(object({ shards: list(SHARD) })),
      },
    },
    async () => ({ shards: (await samples.fresh()).state.shards }),
  );
  app.get(
    "/metrics",
    {
      schema: {
        summary: "all meters, for Prometheus",
        response: textAnswer("text/plain", "Prometheus' text format"),
      },
    },
    async (_request, reply) => {
      reply.type(metrics.contentType);
      return await metrics.text();
    },
  );
}
