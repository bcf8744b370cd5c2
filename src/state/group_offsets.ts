import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaConfig } from "../config/config.ts";
import { WorldError } from "../errors.ts";
import { isErrorType, plainMessage } from "../kafka/client.ts";
import { errorType, isRetriable } from "../kafka/client_trouble.ts";
import {
  coordinatorRefusal,
  isNoCoordinator,
} from "../kafka/coordinator_refusal.ts";
import { missingAcl, type Permits } from "../kafka/missing_acl.ts";
import { withAdmin } from "../kafka/topics.ts";

/** What passes by itself is tried again for so long, ms, with these pauses. */
const RETRIED_MS = 15_000;
const PAUSE_MS = 200;

/** Whose state is looked at: the group is that of the Kafka configuration. */
export interface StateQuery {
  readonly kafka: KafkaConfig;
  /** The topic that is read. */
  readonly topic: string;
  readonly windowLog: string;
}

/** Who hears how far it is, where the log is long, and of troubles. */
export interface StateLog {
  info(text: string): void;
  warn(text: string): void;
}

/** What of kafkajs' admin client does the work here. */
export type Admin = Parameters<Parameters<typeof withAdmin>[1]>[0];

/** Where a partition of a topic begins and ends. */
export interface Bounds {
  readonly start: number;
  readonly end: number;
}

/** What a group has committed in one partition. */
export interface Committed {
  readonly offset: number;
  readonly metadata: string;
}

/** What a group has committed, and which records there are. */
export interface GroupOffsets {
  readonly committed: ReadonlyMap<number, Committed>;
  readonly input: ReadonlyMap<number, Bounds>;
  /** Null when there is no such topic. */
  readonly log: ReadonlyMap<number, Bounds> | null;
}

/** Reads all of it at about the same time. Throws a `WorldError`. */
export async function readGroupOffsets(
  query: StateQuery,
): Promise<GroupOffsets> {
  const { topic, windowLog } = query;
  const readable = { doing: "look at", topicOperations: ["Read", "Describe"] };
  const inInput = { ...readable, topic };
  const offsets = await asAdmin(query, inInput, async (admin) => {
    const input = await readBounds(admin, topic);
    if (input === null) {
      throw new WorldError(
        `Cannot look at topic "${topic}": it does not exist`,
      );
    }
    return { input, committed: await readCommitted(admin, query) };
  });
  // What is committed first: the log that it names is there by then.
  const inLog = { ...readable, topic: windowLog };
  const log = await asAdmin(query, inLog, (admin) =>
    readBounds(admin, windowLog),
  );
  return { ...offsets, log };
}

/** What is done to a group, and what it needs. */
export interface StateDeed extends Omit<Permits, "group"> {
  /** With the group: "look at". */
  readonly doing: string;
  /** Whose transactions it is about; left out for the group alone. */
  readonly transactionalId?: string;
}

/**
 * Does `work` with an admin client, again where trouble passes by itself. What it
 * throws becomes a `WorldError` that says what was to be done with the group.
 */
export async function asAdmin<T>(
  { kafka }: StateQuery,
  deed: StateDeed,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const startMs = performance.now();
  const waits = () => performance.now() - startMs < RETRIED_MS;
  try {
    return await withAdmin(kafka, async (admin) => {
      for (;;) {
        try {
          return await work(admin);
        } catch (error) {
          // A coordinator that loads what is committed, a leader that moves.
          if (!isRetriable(error) || !waits()) throw error;
        }
        await sleep(PAUSE_MS);
      }
    });
  } catch (error) {
    if (error instanceof WorldError) throw error;
    const { group } = kafka;
    const reason = await reasonOf(error, kafka, deed);
    const acl = missingAcl(reason, { group, ...deed });
    const why = acl ?? plainMessage(error);
    throw new WorldError(`Cannot ${deed.doing} group "${group}": ${why}`, {
      cause: error,
    });
  }
}

/** Kafka's name of the error, or its code. */
async function reasonOf(
  error: unknown,
  kafka: KafkaConfig,
  { transactionalId }: StateDeed,
): Promise<string | number | null> {
  if (!isNoCoordinator(error)) return errorType(error);
  return await coordinatorRefusal(
    kafka,
    transactionalId === undefined
      ? { kind: "group", name: kafka.group }
      : { kind: "transaction", name: transactionalId },
  );
}

async function readCommitted(
  admin: Admin,
  { kafka, topic }: StateQuery,
): Promise<ReadonlyMap<number, Committed>> {
  const query = { groupId: kafka.group, topics: [topic] };
  const [answer] = await admin.fetchOffsets(query);
  const committed = new Map<number, Committed>();
  for (const { partition, offset, metadata } of answer?.partitions ?? []) {
    if (Number(offset) < 0) continue;
    committed.set(partition, {
      offset: Number(offset),
      metadata: metadata ?? "",
    });
  }
  return committed;
}

/** By partition, in their order; null when there is no such topic. */
export async function readBounds(
  admin: Admin,
  topic: string,
): Promise<ReadonlyMap<number, Bounds> | null> {
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    offsets.sort((left, right) => left.partition - right.partition);
    const bounds = new Map<number, Bounds>();
    for (const { partition, low, high } of offsets) {
      bounds.set(partition, { start: Number(low), end: Number(high) });
    }
    return bounds;
  } catch (error) {
    if (isErrorType(error, "UNKNOWN_TOPIC_OR_PARTITION")) return null;
    throw error;
  }
}
