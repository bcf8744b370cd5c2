import { committerOf } from "../checkpoint/offset_metadata.ts";
import { WorldError } from "../errors.ts";
import { createKafka } from "../kafka/client.ts";
import { deleteOffsets } from "../kafka/private/delete_offsets_seam.ts";
import { createErrorFromCode } from "../kafka/private/fetch_seam.ts";
import {
  asAdmin,
  type GroupOffsets,
  readBounds,
  readGroupOffsets,
  type StateLog,
  type StateQuery,
} from "./group_offsets.ts";
import { assertOwnRecords } from "./log_owners.ts";
import { assertNamedLog, isNamed } from "./named_log.ts";

const RETRIES = 5;
/** Kafka does not know the group: it has no offsets. */
const GROUP_ID_NOT_FOUND = 69;

/** What a reset takes away. */
export interface ResetPlan {
  /** Partitions whose committed offset is forgotten. */
  readonly partitions: readonly number[];
  /** Records in the window log, those that Kafka writes itself among them. */
  readonly logRecords: number;
  readonly offsets: GroupOffsets;
}

/**
 * Looks at what there is to reset. Throws a `WorldError` when the group has
 * members, which would go on from what they have in memory, and when the window
 * log holds what is not of the topic.
 */
export async function planReset(
  query: StateQuery,
  log: StateLog,
): Promise<ResetPlan> {
  await refuseMembers(query);
  const offsets = await readGroupOffsets(query);
  assertNamedLog(query, offsets);
  let logRecords = 0;
  for (const { start, end } of offsets.log?.values() ?? []) {
    logRecords += end - start;
  }
  if (logRecords > 0) {
    const partitions = [...offsets.log!.keys()];
    const emptied = { partitions, isNamed: isNamed(offsets) };
    await assertOwnRecords(query, emptied, log);
  }
  return { partitions: [...offsets.committed.keys()], logRecords, offsets };
}

/**
 * Has the group begin anew in its topic: ends transactions that are left open,
 * empties the window log and then forgets the committed offsets, so that what
 * fails half-way is refused by a run and can be done again. Throws a `WorldError`.
 */
export async function resetState(
  query: StateQuery,
  { offsets, partitions }: ResetPlan,
): Promise<void> {
  await refuseMembers(query);
  await endTransactions(query, offsets);
  await emptyLog(query);
  if (partitions.length > 0) await forgetOffsets(query, partitions);
}

async function refuseMembers(query: StateQuery): Promise<void> {
  const { group } = query.kafka;
  const members = await asAdmin(query, { doing: "reset" }, async (admin) => {
    const { groups } = await admin.describeGroups([group]);
    return groups.flatMap((each) => each.members);
  });
  if (members.length === 0) return;
  const hosts = new Set(members.map(({ clientHost }) => clientHost));
  const count = members.length === 1 ? "a member" : `${members.length} members`;
  throw new WorldError(
    `Cannot reset group "${group}": it has ${count} at ${[...hosts].join(", ")}, ` +
      "stop it first; what was killed, or has an --instance, is out when its " +
      "session timeout is over",
  );
}

/** What was committed in one of them would be there again when it ends. */
async function endTransactions(
  query: StateQuery,
  { committed }: GroupOffsets,
): Promise<void> {
  const ids = new Set(
    [...committed.values()].map(({ metadata }) => committerOf(metadata)),
  );
  const kafka = createKafka(query.kafka, { retries: RETRIES });
  for (const transactionalId of ids) {
    if (transactionalId === null) continue;
    const deed = { doing: "reset", transactionalId };
    await asAdmin(query, deed, async () => {
      const producer = kafka.producer({
        transactionalId,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      try {
        // Begins with a new epoch, which ends the transaction of the one before.
        const transaction = await producer.transaction();
        await transaction.abort();
      } finally {
        await producer.disconnect();
      }
    });
  }
}

async function emptyLog(query: StateQuery): Promise<void> {
  const { windowLog: topic } = query;
  const deed = {
    ...{ doing: "reset", topic },
    topicOperations: ["Read", "Describe", "Delete"],
  };
  await asAdmin(query, deed, async (admin) => {
    const bounds = await readBounds(admin, topic);
    const filled = [...(bounds ?? [])].filter(
      ([, { start, end }]) => start < end,
    );
    if (filled.length === 0) return;
    const partitions = filled.map(([partition, { end }]) => {
      return { partition, offset: String(end) };
    });
    await admin.deleteTopicRecords({ topic, partitions });
  });
}

async function forgetOffsets(
  query: StateQuery,
  partitions: readonly number[],
): Promise<void> {
  const { kafka, topic } = query;
  const deed = {
    ...{ doing: "reset", topic, topicOperations: ["Read", "Describe"] },
    groupOperations: ["Read", "Delete"],
  };
  await asAdmin(query, deed, async () => {
    const client = createKafka(kafka, { retries: RETRIES });
    const deletion = { group: kafka.group, topic, partitions };
    const code = await deleteOffsets(client, deletion);
    if (code !== 0 && code !== GROUP_ID_NOT_FOUND) {
      throw createErrorFromCode(code);
    }
  });
}
