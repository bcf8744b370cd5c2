import kafkajs, {
  type Assigner,
  type BrokerMetadata,
  type GroupMember,
  type GroupMemberAssignment,
} from "kafkajs";
import { type Claimant, dealPartitions } from "./deal_partitions.ts";
import {
  differentJobs,
  type GroupJob,
  type MemberJob,
  readJob,
} from "./member_jobs.ts";

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;

/**
 * What members of a group must have in common. kafkajs' own assigner deals the
 * leader's topic out to all members, also to those that read another one; under
 * a name of our own no other program can be in the group.
 */
const PROTOCOL = "sessionmill-topics";
const VERSION = 0;
/**
 * Version of what we add to the protocol: JSON, in the user data of a member and
 * of an assignment. Members without it, or with another one, claim nothing.
 */
const ADDITIONS = 1;

/** What of kafkajs' cluster is needed; its types leave out the topics. */
interface GroupCluster {
  metadata(options: { topics: string[] }): Promise<BrokerMetadata>;
}

/** What an assigner works with. */
export interface TopicAssignerOptions {
  readonly cluster: GroupCluster;
  /** The topic of this member. */
  readonly topic: string;
  /** What is done with what it reads; null: that is not told. */
  readonly job: MemberJob | null;
  /** What this member has now. */
  readonly owned: () => Omit<Claimant, "memberId">;
  /** Told which other topics the group's members read. */
  readonly onOtherTopics: (topics: readonly string[]) => void;
}

/** Deals each topic's partitions out to the members that read it. */
export function topicAssigner(options: TopicAssignerOptions): Assigner {
  return {
    name: PROTOCOL,
    version: VERSION,
    protocol({ topics }) {
      const userData = writeAdditions({ ...options.owned(), job: options.job });
      const metadata = { version: VERSION, topics, userData };
      return { name: PROTOCOL, metadata: MemberMetadata.encode(metadata) };
    },
    assign: async ({ members }) => await assign(members, options),
  };
}

async function assign(
  members: readonly GroupMember[],
  { cluster, topic, onOtherTopics }: TopicAssignerOptions,
): Promise<GroupMemberAssignment[]> {
  const readers = readersByTopic(members);
  const others = [...readers.keys()].filter((each) => each !== topic).sort();
  onOtherTopics(others);
  const dealt = new Map<string, Record<string, number[]>>();
  const counts: Record<string, number> = {};
  for (const [name, claimants] of readers) {
    // Asked together with the own one, whose metadata would go else.
    const partitions = await readPartitions(cluster, name, [topic, name]);
    counts[name] = partitions.length;
    for (const [memberId, share] of dealPartitions(partitions, claimants)) {
      if (share.length === 0) continue;
      dealt.set(memberId, { ...dealt.get(memberId), [name]: [...share] });
    }
  }
  const userData = writeAdditions({ counts, jobs: jobsByTopic(members) });
  return members.map(({ memberId }) => ({
    memberId,
    memberAssignment: MemberAssignment.encode({
      version: VERSION,
      assignment: dealt.get(memberId) ?? {},
      userData,
    }),
  }));
}

/**
 * Partitions that `topic` had when an assignment was made, 0 when it was not
 * dealt out at all; null when the assignment does not say, or could not know.
 */
export function dealtCount(assignment: Buffer, topic: string): number | null {
  const { counts } = readAdditions(
    MemberAssignment.decode(assignment)?.userData,
  );
  if (typeof counts !== "object" || counts === null) return null;
  const count = (counts as Record<string, unknown>)[topic];
  if (count === undefined) return 0;
  return typeof count === "number" && count > 0 ? count : null;
}

/** What the members of the group do that read `topic`, as far as they tell. */
export function dealtJobs(assignment: Buffer, topic: string): GroupJob[] {
  const { jobs } = readAdditions(MemberAssignment.decode(assignment)?.userData);
  if (typeof jobs !== "object" || jobs === null) return [];
  const told = (jobs as Record<string, unknown>)[topic];
  return (Array.isArray(told) ? told : []).flatMap((each) => {
    const job = readJob(each);
    return job === null ? [] : [{ ...job, isOld: each.isOld === true }];
  });
}

/** By topic, what the members do that read it. */
function jobsByTopic(
  members: readonly GroupMember[],
): Record<string, GroupJob[]> {
  const byTopic: Record<string, GroupJob[]> = {};
  for (const { memberMetadata } of members) {
    const metadata = MemberMetadata.decode(memberMetadata);
    const { job: told, generation } = readAdditions(metadata?.userData);
    const job = readJob(told);
    if (job === null) continue;
    const isOld = typeof generation === "number" && generation >= 0;
    for (const topic of metadata?.topics ?? []) {
      const jobs = [...(byTopic[topic] ?? []), { ...job, isOld }];
      byTopic[topic] = differentJobs(jobs);
    }
  }
  return byTopic;
}

/** The members that read each topic, and what they had of it. */
function readersByTopic(
  members: readonly GroupMember[],
): ReadonlyMap<string, Claimant[]> {
  const readers = new Map<string, Claimant[]>();
  for (const { memberId, memberMetadata } of members) {
    const metadata = MemberMetadata.decode(memberMetadata);
    const { generation, partitions } = readAdditions(metadata?.userData);
    const isClaim =
      typeof generation === "number" &&
      Array.isArray(partitions) &&
      partitions.every((each) => typeof each === "number");
    const claim = isClaim
      ? { memberId, generation, partitions }
      : { memberId, generation: -1, partitions: [] };
    for (const topic of metadata?.topics ?? []) {
      readers.set(topic, [...(readers.get(topic) ?? []), claim]);
    }
  }
  return readers;
}

function writeAdditions(additions: object): Buffer {
  return Buffer.from(JSON.stringify({ v: ADDITIONS, ...additions }));
}

/** What another process wrote, which may be anything. */
function readAdditions(userData: Buffer | undefined): Record<string, unknown> {
  try {
    const additions: unknown = JSON.parse(String(userData));
    if (typeof additions !== "object" || additions === null) return {};
    return "v" in additions && additions.v === ADDITIONS
      ? { ...additions }
      : {};
  } catch {
    return {};
  }
}

/** None for a topic that is not there: its own members will say so. */
async function readPartitions(
  cluster: GroupCluster,
  name: string,
  topics: string[],
): Promise<number[]> {
  try {
    const { topicMetadata } = await cluster.metadata({ topics });
    const found = topicMetadata.find(({ topic }) => topic === name);
    const partitions = found?.partitionMetadata ?? [];
    return partitions
      .map(({ partitionId }) => partitionId)
      .sort((a, b) => a - b);
  } catch (error) {
    if (name === topics[0]) throw error;
    return [];
  }
}
