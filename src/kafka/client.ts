import {
  type ISocketFactory,
  Kafka,
  type KafkaConfig as KafkaJsConfig,
  logLevel,
  type RetryOptions,
} from "kafkajs";
import type { KafkaConfig } from "../config/config.ts";
import { messageOf, WorldError } from "../errors.ts";
import { errorType, firstOf } from "./client_trouble.ts";
import { missingAcl } from "./missing_acl.ts";
// Stops a timer of kafkajs that never rests.
import "./private/request_queue_patch.ts";
import { securityAdvice } from "./security_advice.ts";
import { createSocket } from "./sockets.ts";

/** Time in which a broker must have answered at the start, ms. */
export const CONNECT_DEADLINE_MS = 3_500;

const CONNECTION_TIMEOUT_MS = 3_000;

/** Two minutes in all: longer than a broker needs to start again. */
const RETRY: RetryOptions = {
  initialRetryTime: 50,
  maxRetryTime: 1_000,
  multiplier: 2,
  factor: 0.2,
  retries: 120,
};

/** What of a kafkajs producer, consumer or admin is needed to connect it. */
export interface Connectable {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

/** How patient a client is, and where its warnings go. */
export interface KafkaOptions {
  /** Attempts after the first before a request fails, if not the usual 120. */
  readonly retries?: number;
  /** Takes what kafkajs warns of; without it kafkajs is silent. */
  readonly warn?: (text: string) => void;
  /** Makes the sockets, `createSocket` if nothing else is given. */
  readonly socketFactory?: ISocketFactory;
}

/**
 * A kafkajs client for `config`. It outlives about two minutes without a
 * broker: kafkajs gives up for good when its own cluster retries are spent,
 * however many retries a producer was given.
 */
export function createKafka(
  config: KafkaConfig,
  options: KafkaOptions = {},
): Kafka {
  const { retries, warn, socketFactory } = options;
  const kafkaJsConfig: KafkaJsConfig = {
    clientId: "sessionmill",
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    socketFactory: createSocket,
    ...ownCopy(config.security),
    brokers: [...config.brokers],
    retry: {
      ...RETRY,
      ...(config.security.retry as RetryOptions | undefined),
      ...(retries === undefined ? {} : { retries }),
    },
    logLevel: warn ? logLevel.WARN : logLevel.NOTHING,
  };
  if (socketFactory) kafkaJsConfig.socketFactory = socketFactory;
  if (warn) {
    kafkaJsConfig.logCreator =
      () =>
      ({ namespace, log }) =>
        warn(`kafka ${namespace}: ${log.message}`);
  }
  return new Kafka(kafkaJsConfig);
}

/** kafkajs keeps its own things in what it is given, and ours is frozen. */
function ownCopy(security: KafkaConfig["security"]): object {
  const copies = Object.entries(security).map(([name, value]) => {
    const isObject = typeof value === "object" && value !== null;
    return [name, isObject ? { ...value } : value];
  });
  return Object.fromEntries(copies);
}

/**
 * Connects within `CONNECT_DEADLINE_MS`. Throws a `WorldError` that names the
 * brokers when they do not answer or refuse.
 */
export async function connectOrFail(
  client: Connectable,
  config: KafkaConfig,
): Promise<void> {
  try {
    await connectInTime(client);
  } catch (error) {
    const name = `Kafka at ${config.brokers.join(",")}`;
    const acl = missingAcl(errorType(error), {});
    if (acl !== null) {
      throw new WorldError(`Cannot use ${name}: ${acl}`, { cause: error });
    }
    const why =
      securityAdvice(error, config) ??
      `${plainMessage(error)}, expected a broker that answers`;
    throw new WorldError(`Cannot reach ${name}: ${why}`, { cause: error });
  }
}

/** Connects, or throws what went wrong within `CONNECT_DEADLINE_MS`. */
export async function connectInTime(client: Connectable): Promise<void> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    deadline.reject(
      new Error(`no answer within ${CONNECT_DEADLINE_MS / 1000} seconds`),
    );
  }, CONNECT_DEADLINE_MS);
  try {
    await Promise.race([client.connect(), deadline.promise]);
  } catch (error) {
    client.disconnect().catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What went wrong, without the layers that kafkajs' retries put round it. */
export function plainMessage(error: unknown): string {
  // Of the errors of several topics the first says more than their name.
  const first = error instanceof Error ? firstOf(error) : null;
  if (first !== null) return plainMessage(first);
  let text = messageOf(error);
  while (text.startsWith("KafkaJS") && text.includes(": ")) {
    text = text.slice(text.indexOf(": ") + 2);
  }
  return text.replace(/^Connection error: /, "").replace(/\.$/, "");
}

/**
 * True when the broker answered with this error: kafkajs wraps it once for each
 * retrier that it passes.
 */
export function isErrorType(error: unknown, type: string): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ("type" in at && at.type === type) return true;
    if ("errors" in at && Array.isArray(at.errors)) {
      return at.errors.some((inner) => isErrorType(inner, type));
    }
  }
  return false;
}
