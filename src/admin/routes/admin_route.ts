import type { FastifyRequest } from "fastify";
import type { RunView } from "../../observe/run_view.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Samples } from "../samples.ts";

/** What the routes answer from. */
export interface AdminWorld {
  readonly view: RunView;
  readonly samples: Samples;
  readonly metrics: Metrics;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Anybody may ask, without a token. */
    isOpen?: boolean;
  }
}

/** True for what anybody may ask. */
export function isOpenToAll({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.isOpen === true;
}
