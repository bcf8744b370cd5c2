import kafkajs, {
  type Assigner,
  type BrokerMetadata,
  type GroupMember,
  type GroupMemberAssignment,
} from "kafkajs";

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;

/**
 * What members of a group must have in common. kafkajs' own assigner deals the
 * leader's topic out to all members, also to those that read another one; under
 * a name of our own no other program can be in the group.
 */
const PROTOCOL = "sessionmill-topics";
const VERSION = 0;

/** What of kafkajs' cluster is needed; its types leave out the topics. */
interface GroupCluster {
  metadata(options: { topics: string[] }): Promise<BrokerMetadata>;
}

/** What an assigner works with. */
export interface TopicAssignerOptions {
  readonly cluster: GroupCluster;
  /** The topic of this member. */
  readonly topic: string;
  /** Told which other topics the group's members read. */
  readonly onOtherTopics: (topics: readonly string[]) => void;
}

/** Deals each topic's partitions out to the members that read it, in turn. */
export function topicAssigner(options: TopicAssignerOptions): Assigner {
  return {
    name: PROTOCOL,
    version: VERSION,
    protocol({ topics }) {
      const userData = Buffer.alloc(0);
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
  for (const [name, memberIds] of readers) {
    // Asked together with the own one, whose metadata would go else.
    const partitions = await readPartitions(cluster, name, [topic, name]);
    for (const [index, partition] of partitions.entries()) {
      const memberId = memberIds[index % memberIds.length]!;
      const assignment = dealt.get(memberId) ?? {};
      assignment[name] = [...(assignment[name] ?? []), partition];
      dealt.set(memberId, assignment);
    }
  }
  return [...dealt].map(([memberId, assignment]) => ({
    memberId,
    memberAssignment: MemberAssignment.encode({
      version: VERSION,
      assignment,
      userData: Buffer.alloc(0),
    }),
  }));
}

/** Ids of the members that read each topic, in order. */
function readersByTopic(
  members: readonly GroupMember[],
): ReadonlyMap<string, string[]> {
  const readers = new Map<string, string[]>();
  const ordered = members.toSorted((a, b) =>
    a.memberId < b.memberId ? -1 : 1,
  );
  for (const { memberId, memberMetadata } of ordered) {
    for (const topic of MemberMetadata.decode(memberMetadata)?.topics ?? []) {
      readers.set(topic, [...(readers.get(topic) ?? []), memberId]);
    }
  }
  return readers;
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
