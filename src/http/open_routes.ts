import type { FastifyRequest } from "fastify";

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
