import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { createKafka } from "../../src/kafka/client.ts";
import { createFetchCluster } from "../../src/kafka/private/fetch_seam.ts";
import { joinedHeaders } from "../e2e/session_forms.ts";
import { formOf } from "../reference/last_forms.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { type KcatRecord, readWithKcat } from "../support/kcat.ts";
import type {
  StoredForm,
  StoredVisit,
  StormEvidence,
  TopicEnd,
} from "./storm_evidence.ts";
import { numberOf, numbersIn } from "./visit_plan.ts";

const RETRY_MS = 50;

/** The topics of a storm. */
export interface StormTopics {
  readonly visits: string;
  readonly sessions: string;
  readonly late: string;
  readonly deadLetters: string;
}

/** Reads all topics of a storm with kcat, and the offsets of its group. */
export async function readEvidence(
  brokers: string,
  options: {
    readonly topics: StormTopics;
    readonly group: string;
    readonly ledger: readonly number[];
  },
): Promise<StormEvidence> {
  const { topics, group, ledger } = options;
  const records = await readWithKcat(brokers, topics.visits);
  const sessions = await readWithKcat(brokers, topics.sessions);
  const late = await readWithKcat(brokers, topics.late);
  const deadLetters = await readWithKcat(brokers, topics.deadLetters);
  return await withAdmin(brokers, async (admin) => ({
    ledger,
    visits: records.flatMap(visitOf),
    poison: records.filter(isPoison).map(placeOf),
    forms: sessions.map(storedForm),
    late: late.map(originOf),
    deadLetters: deadLetters.map(originOf),
    ends: await readEnds(brokers, admin),
    committed: await committedOffsets(admin, { topic: topics.visits, group }),
    visitsTopic: topics.visits,
  }));
}

/** Runs something with a stock admin client. */
export async function withAdmin<Result>(
  brokers: string,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  const kafka = new Kafka({
    brokers: brokers.split(","),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 60 },
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** What a group has committed of a topic, by partition. */
export async function committedOffsets(
  admin: Admin,
  { topic, group }: { readonly topic: string; readonly group: string },
): Promise<Map<number, number>> {
  for (;;) {
    try {
      const request = { groupId: group, topics: [topic] };
      const [answer] = await admin.fetchOffsets(request);
      const partitions = answer?.partitions ?? [];
      return new Map(partitions.map((each) => [each.partition, +each.offset]));
    } catch (error) {
      // Its coordinator may be loading, or on the move.
      if (!(error as { retriable?: boolean }).retriable) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Where each partition of all topics ends, for both kinds of readers. */
async function readEnds(brokers: string, admin: Admin): Promise<TopicEnd[]> {
  const cluster = createFetchCluster(createKafka(kafkaConfig(brokers)));
  await cluster.connect();
  try {
    const ends: TopicEnd[] = [];
    const { topics } = await admin.fetchTopicMetadata();
    for (const { name: topic, partitions } of topics) {
      await cluster.addTargetTopic(topic);
      const numbers = partitions.map(({ partitionId }) => partitionId);
      const stable = await stableEnds(cluster, { topic, partitions: numbers });
      for (const each of await admin.fetchTopicOffsets(topic)) {
        const { partition } = each;
        // Behind the stable end: what comes between the two is no fault.
        const end = Number(each.high);
        ends.push({ topic, partition, end, stable: stable.get(partition)! });
      }
    }
    return ends;
  } finally {
    await cluster.disconnect();
  }
}

async function stableEnds(
  cluster: ReturnType<typeof createFetchCluster>,
  { topic, partitions }: { topic: string; partitions: readonly number[] },
): Promise<Map<number, number>> {
  const [answer] = await cluster.fetchTopicsOffset([
    {
      topic,
      partitions: partitions.map((partition) => ({ partition })),
      fromBeginning: false,
    },
  ]);
  const offsets = answer?.partitions ?? [];
  return new Map(offsets.map((each) => [each.partition, +each.offset]));
}

function isPoison({ key, value }: KcatRecord): boolean {
  return numberOf(key, value) === null;
}

function placeOf({ partition, offset }: KcatRecord): string {
  return `${partition}-${offset}`;
}

function visitOf(record: KcatRecord): StoredVisit[] {
  const { partition, offset, key, value } = record;
  const number = numberOf(key, value);
  if (number === null) return [];
  const visit = JSON.parse(value);
  const { visit_id: visitId, event_time: eventTime, user_id: userId } = visit;
  return [{ number, visitId, eventTime, userId, partition, offset }];
}

function storedForm({ headers, value }: KcatRecord): StoredForm {
  const metadata = Object.fromEntries(joinedHeaders(headers));
  const form = formOf(value, metadata);
  const isFinal = metadata.final === "true";
  return { ...form, isFinal, numbers: numbersIn(value) };
}

/** Where a late visit or a dead letter is from, by its headers. */
function originOf({ headers }: KcatRecord): string {
  const named = Object.fromEntries(joinedHeaders(headers));
  return `${named["origin-partition"]}-${named["origin-offset"]}`;
}
