import type { FastifyInstance } from "fastify";
import { Refusal } from "../../http/refusal.ts";
import type { RunState } from "../../observe/run_view.ts";
import { answers, object, text } from "../schemas/schema.ts";
import type { AdminWorld } from "./admin_route.ts";

/** A main thread that is silent for so long is not alive, ms. */
const DEAD_MS = 20_000;

/** `/healthz` and `/readyz`, as Kubernetes asks. */
export function addHealthRoutes(
  app: FastifyInstance,
  { samples }: AdminWorld,
): void {
  app.get(
    "/healthz",
    {
      config: { isOpen: true },
      schema: {
        summary: "whether the process works: its main thread answers",
        response: answers(object({ status: text() })),
      },
    },
    async () => {
      const { ageMs } = samples;
      if (ageMs <= DEAD_MS) return { status: "ok" };
      const seconds = Math.round(ageMs / 1000);
      throw Refusal.unavailable(
        `Cannot call the process alive: its main thread has not answered for ${seconds} s`,
      );
    },
  );
  app.get(
    "/readyz",
    {
      config: { isOpen: true },
      schema: {
        summary: "whether it has its partitions, its sinks and its windows",
        response: answers(object({ status: text(), phase: text() })),
      },
    },
    async () => {
      const { state } = await samples.fresh();
      if (state.isReady) return { status: "ready", phase: state.phase };
      throw Refusal.unavailable(`Not ready: ${unreadyText(state)}`);
    },
  );
}

function unreadyText({ phase, isKafkaAway }: RunState): string {
  if (isKafkaAway && phase !== "stopping") return "Kafka does not answer";
  switch (phase) {
    case "restoring":
      return "open sessions are read back from the window log";
    case "recovering":
      return "it begins again after a failure";
    case "stopping":
      return "it is stopping";
    default:
      return "it has no partitions yet";
  }
}
