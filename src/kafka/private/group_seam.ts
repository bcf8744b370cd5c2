import type { Assigner } from "kafkajs";
import consumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import keysOfRequests from "kafkajs/src/protocol/requests/apiKeys.js";
import { WorldError } from "../../errors.ts";
import type { OwnSeat } from "../group_seat.ts";
import { GroupEntry, type LeavingCluster } from "./group_entry.ts";

// Why these private modules, of kafkajs 2.2.4 exactly: its public consumer has
// no static membership, does not tell the generation, and joins again without
// asking. `ConsumerGroup.joinAndSync` is its one door to JoinGroup and
// SyncGroup. `partitionAssigners` is public, so a member is found again by its
// assigner; `cluster` is this consumer's alone, so the coordinator that it gives
// can be one that adds the instance to the group's requests.
const { prototype } = consumerGroup as {
  prototype: ConsumerGroup;
};
const apiKeys = keysOfRequests as {
  readonly [name in
    | "JoinGroup"
    | "SyncGroup"
    | "Heartbeat"
    | "LeaveGroup"]: number;
};

/** The first version of JoinGroup that knows instances (Kafka 2.3). */
const STATIC_VERSION = 5;
/** Heartbeats in a session timeout, while a member waits to join again. */
const BEATS = 5;

/** kafkajs' `ConsumerGroup`: one attempt of a consumer to be in its group. */
interface ConsumerGroup {
  readonly groupId: string;
  readonly assigners: readonly Assigner[];
  readonly cluster: {
    findGroupCoordinator(options: object): Promise<Coordinator>;
  };
  readonly sessionTimeout: number;
  readonly coordinator: Coordinator;
  readonly generationId: number;
  readonly topicsSubscribed: readonly string[];
  /** What it compares the topics with, to join again when they have grown. */
  readonly partitionsPerSubscribedTopic: Map<string, readonly number[]>;
  memberId: string | null;
  joinAndSync(): Promise<void>;
}

type RequestMaker = (fields: object) => unknown;

interface Identity {
  readonly memberId: string;
  readonly generationId: number;
}

/** kafkajs' `Broker`, as a group's members see it. */
interface Coordinator {
  readonly versions: Record<number, { maxVersion: number }>;
  /** The maker of requests of that kind. */
  lookupRequest(apiKey: number, requests: unknown): RequestMaker;
  joinGroup(fields: { readonly memberId: string }): Promise<Identity>;
  syncGroup(fields: Identity): Promise<{ readonly memberAssignment: Buffer }>;
  heartbeat(fields: object): Promise<unknown>;
  leaveGroup(fields: object): Promise<unknown>;
}

/** What kafkajs' consumer lacks as a member of its group. */
export interface GroupMember {
  /** `group.instance.id`: such a member is not missed until its session ends. */
  readonly instance: string | null;
  /** True when it gives its partitions away with its connections. */
  readonly leaves: boolean;
  /** Who it is, as of the last SyncGroup that was answered. */
  readonly ownSeat: OwnSeat;
  /** Aborted: it asks to join no more. */
  readonly leaving: AbortSignal;
  /**
   * Partitions that a topic had when the assignment was made, null when that is
   * not known: a static member may get an old one, and nobody else would notice.
   */
  dealtCount(assignment: Buffer, topic: string): number | null;
  /** Told of each assignment; what it throws keeps the member from taking it. */
  onSynced(assignment: Buffer): void;
  /**
   * Awaited before a member joins again, in which time the seat is still its
   * own. A rejection keeps it from joining this time.
   */
  beforeRejoin(): Promise<void>;
}

const members = new WeakMap<Assigner, GroupMember>();
const seen = new WeakSet<ConsumerGroup>();
/** Of members that are not, or not yet again, in their group. */
const entries = new WeakMap<GroupMember, GroupEntry>();
const assignments = new WeakMap<GroupMember, Buffer>();
const stockJoin = prototype.joinAndSync;

/** Makes the consumer whose first assigner this is the member. */
export function seatMember(assigner: Assigner, member: GroupMember): Assigner {
  members.set(assigner, member);
  return assigner;
}

prototype.joinAndSync = async function joinAndSync(
  this: ConsumerGroup,
): Promise<void> {
  const [assigner] = this.assigners;
  const member = assigner && members.get(assigner);
  if (member === undefined) return await stockJoin.call(this);
  const entry = new GroupEntry(this.memberId);
  entries.set(member, entry);
  try {
    await prepareJoin(this, member);
    await stockJoin.call(this);
    entries.delete(member);
    noteTopics(this, member);
  } finally {
    entry.end();
  }
};

/**
 * Takes a member that is to leave out of its group where it has not come in:
 * kafkajs only leaves groups that it has joined. Rejects when that fails.
 */
export async function turnBack(
  member: GroupMember,
  group: string,
  cluster: LeavingCluster,
): Promise<void> {
  if (member.leaves) await entries.get(member)?.turnBack(group, cluster);
}

async function prepareJoin(
  group: ConsumerGroup,
  member: GroupMember,
): Promise<void> {
  if (!seen.has(group)) {
    seen.add(group);
    adaptCluster(group.cluster, member);
    // Under no id it would take the seat from whoever has it by now.
    const { instance, ownSeat } = member;
    const { now: seat } = ownSeat;
    if (instance !== null && seat !== null) group.memberId = seat.memberId;
  } else if (group.memberId !== null) await keepSeat(group, member);
}

/** What the topics were like is the assignment's word, not that of the moment. */
function noteTopics(group: ConsumerGroup, member: GroupMember): void {
  const assignment = assignments.get(member);
  if (assignment === undefined) return;
  for (const topic of group.topicsSubscribed) {
    const length = member.dealtCount(assignment, topic);
    if (length === null) continue;
    const partitions = Array.from({ length }, (_, index) => index);
    group.partitionsPerSubscribedTopic.set(topic, partitions);
  }
}

/** The coordinator forgets a member that neither joins nor is heard of. */
async function keepSeat(
  group: ConsumerGroup,
  member: GroupMember,
): Promise<void> {
  const { coordinator, groupId, memberId, generationId } = group;
  const identity = { groupId, memberId, groupGenerationId: generationId };
  const beats = setInterval(() => {
    // That a rebalance is under way is known; joining tells of all else.
    coordinator.heartbeat(identity).catch(() => {});
  }, group.sessionTimeout / BEATS);
  try {
    await member.beforeRejoin();
  } finally {
    clearInterval(beats);
  }
}

/** A consumer that starts again has the same cluster. */
function adaptCluster(
  cluster: ConsumerGroup["cluster"],
  member: GroupMember,
): void {
  if (Object.hasOwn(cluster, "findGroupCoordinator")) return;
  const find = cluster.findGroupCoordinator;
  cluster.findGroupCoordinator = async (options) =>
    seated(await find.call(cluster, options), member);
}

/** The broker, but for what its group's requests say. */
function seated(broker: Coordinator, member: GroupMember): Coordinator {
  const { instance: groupInstanceId } = member;
  const { JoinGroup, SyncGroup, Heartbeat, LeaveGroup } = apiKeys;
  const named = new Set([JoinGroup, SyncGroup, Heartbeat, LeaveGroup]);
  const own: Partial<Coordinator> = {
    lookupRequest(apiKey, requests) {
      const stock = broker.lookupRequest(apiKey, requests);
      const make = apiKey === JoinGroup ? noting(stock, member) : stock;
      if (groupInstanceId === null || !named.has(apiKey)) return make;
      checkVersion(broker, groupInstanceId);
      return (fields) => make({ ...fields, groupInstanceId });
    },
    async joinGroup(fields) {
      const { ownSeat } = member;
      // Under no id it takes its name's seat, and has another id from then on.
      if (groupInstanceId !== null && !fields.memberId) {
        ownSeat.take(performance.now());
      }
      const answer = await broker.joinGroup.call(this, fields);
      const { memberId, generationId } = answer;
      // The id of before is worth nothing now, even if this life ends here.
      if (groupInstanceId !== null) {
        ownSeat.now = { memberId, generationId, groupInstanceId };
      }
      return answer;
    },
    async syncGroup(fields) {
      const answer = await broker.syncGroup.call(this, fields);
      const { memberId, generationId } = fields;
      assignments.set(member, answer.memberAssignment);
      member.ownSeat.now = { memberId, generationId, groupInstanceId };
      member.onSynced(answer.memberAssignment);
      return answer;
    },
    async leaveGroup(fields) {
      return member.leaves ? await broker.leaveGroup.call(this, fields) : null;
    },
  };
  return Object.assign(Object.create(broker), own);
}

/** The maker of requests to join, which are made for members that stay. */
function noting(make: RequestMaker, member: GroupMember): RequestMaker {
  return (fields) => {
    const { memberId } = fields as { readonly memberId: string };
    entries.get(member)?.name(memberId);
    if (member.leaving.aborted) throw new Error("this member leaves its group");
    return make(fields);
  };
}

function checkVersion(broker: Coordinator, instance: string): void {
  const { maxVersion = 0 } = broker.versions[apiKeys.JoinGroup] ?? {};
  if (maxVersion >= STATIC_VERSION) return;
  throw new WorldError(
    `Cannot join as instance "${instance}": the broker speaks JoinGroup ` +
      `v${maxVersion}, expected v${STATIC_VERSION} or newer (Kafka 2.3)`,
  );
}
