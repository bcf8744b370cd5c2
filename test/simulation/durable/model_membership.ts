import { WorldError } from "../../../src/errors.ts";
import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import type { GroupAssignment, Joined } from "../kafka/group_member.ts";
import { ConnectionError, isKafkaError } from "../kafka/kafka_error.ts";
import type { ModelNetwork } from "../kafka/model_network.ts";

/** Who joins, and who hears of it. */
export interface ModelMembershipOptions {
  readonly group: string;
  readonly topic: string;
  /** Name of a static member; null for a dynamic one. */
  readonly instance: string | null;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly beforeRejoin: () => Promise<void>;
  readonly onAssigned: (partitions: readonly number[], seat: GroupSeat) => void;
  readonly onFailure: (error: unknown) => void;
}

/** The end of a member whose instance another process is too. */
export const INSTANCE_TAKEN = "another process is that instance too";

/** Between two attempts to join, ms. */
const REJOIN_MS = 50;
/** Errors after which a member joins again. */
const REJOINS = [
  "REBALANCE_IN_PROGRESS",
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
] as const;

/** A member of a group, in the background, as kafkajs' consumer is one. */
export class ModelMembership {
  readonly #network: ModelNetwork;
  readonly #options: ModelMembershipOptions;
  #memberId = "";
  #hasLeft = false;
  #partitionCount = 0;

  constructor(network: ModelNetwork, options: ModelMembershipOptions) {
    this.#network = network;
    this.#options = options;
    network.life = this;
    // Under no id it would take the seat from whoever has it by now.
    const { now: seat } = network.ownSeat;
    if (options.instance !== null && seat !== null) {
      this.#memberId = seat.memberId;
    }
  }

  /** Joins, and stays until it leaves. */
  start(): void {
    this.#stay().catch((error) => {
      if (!this.#hasLeft) this.#options.onFailure(error);
    });
  }

  /** A static member only falls silent. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    const { instance: groupInstanceId } = this.#options;
    const memberId = this.#memberId;
    if (groupInstanceId !== null || memberId === "") return;
    await this.#network
      .ask("LeaveGroup", () => this.#group.leave({ memberId, groupInstanceId }))
      .catch(() => {});
  }

  get #group() {
    return this.#network.kafka.group(this.#options.group);
  }

  async #stay(): Promise<void> {
    while (!this.#hasLeft) {
      try {
        const seat = await this.#join();
        if (seat === null) return;
        await this.#beat(seat);
      } catch (error) {
        const isFenced = isKafkaError(error, "FENCED_INSTANCE_ID");
        if (isFenced && !this.#takesBack()) {
          throw new WorldError(INSTANCE_TAKEN);
        }
        const isPassing =
          isFenced ||
          error instanceof ConnectionError ||
          isKafkaError(error, "NOT_COORDINATOR", ...REJOINS);
        if (!isPassing) throw error;
        if (isFenced || isKafkaError(error, "UNKNOWN_MEMBER_ID")) {
          this.#memberId = "";
        }
        await this.#network.process.pause("joins again", REJOIN_MS);
      }
    }
  }

  #takesBack(): boolean {
    const { ownSeat, process } = this.#network;
    const { sessionTimeoutMs } = this.#options;
    return ownSeat.tryTakeBack(process.nowMs(), sessionTimeoutMs);
  }

  async #join(): Promise<GroupSeat | null> {
    const { kafka, ownSeat, process } = this.#network;
    const { topic, instance: groupInstanceId, onAssigned } = this.#options;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const memberId = this.#memberId;
    // Under no id it takes its name's seat, and has another id from then on.
    if (groupInstanceId !== null && memberId === "") {
      ownSeat.take(process.nowMs());
    }
    const joined = await this.#network.ask("JoinGroup", () => {
      // Its connection is closed: a later life must not be driven out by it.
      if (this.#hasLeft) throw new ConnectionError("JoinGroup: closed");
      return this.#group.join({
        ...{ memberId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs },
      });
    });
    // Nor is it answered, once the next life has begun.
    if (this.#network.life !== this) return null;
    const { generationId } = joined;
    this.#memberId = joined.memberId;
    const seat = { memberId: joined.memberId, generationId, groupInstanceId };
    // The id of before is worth nothing now, even if this life ends here.
    if (groupInstanceId !== null) ownSeat.now = seat;
    if (this.#hasLeft) return null;
    const partitionCount = kafka.topic(topic).partitions.length;
    const dealt = await this.#network.ask("SyncGroup", () =>
      this.#group.sync(seat, this.#deal(joined, partitionCount)),
    );
    // A static member may have got what was dealt long ago.
    this.#partitionCount = dealt.partitionCount;
    if (this.#hasLeft) return null;
    ownSeat.now = seat;
    onAssigned([...dealt.partitions].sort(), seat);
    return seat;
  }

  /** The leader deals partitions out in turn. */
  #deal(
    { memberId, leaderId, memberIds }: Joined,
    partitionCount: number,
  ): GroupAssignment | null {
    if (memberId !== leaderId) return null;
    const all = Array.from({ length: partitionCount }, (_, each) => each);
    const ids = memberIds.toSorted();
    return new Map(
      ids.map((id, index) => {
        const partitions = all.filter((each) => each % ids.length === index);
        return [id, { partitions, partitionCount }] as const;
      }),
    );
  }

  /** Keeps the seat until it has to join again. */
  async #beat(seat: GroupSeat): Promise<void> {
    const { process, kafka } = this.#network;
    const { sessionTimeoutMs, topic } = this.#options;
    for (;;) {
      await process.pause("heartbeat", sessionTimeoutMs / 4);
      if (this.#hasLeft) return;
      try {
        await this.#network.ask("Heartbeat", () => this.#group.heartbeat(seat));
      } catch (error) {
        if (error instanceof ConnectionError) continue;
        // Without a seat there is nothing to be got ready.
        if (
          isKafkaError(error, "REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION")
        ) {
          await this.#getReady(seat);
        }
        throw error;
      }
      if (kafka.isAway) continue;
      if (kafka.topic(topic).partitions.length === this.#partitionCount) {
        continue;
      }
      await this.#getReady(seat);
      return;
    }
  }

  /** Lets the work under the old assignment end, but not for long. */
  async #getReady(seat: GroupSeat): Promise<void> {
    const { process } = this.#network;
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const stopBeats = process.every(sessionTimeoutMs / 4, () => {
      this.#network
        .ask("Heartbeat", () => this.#group.heartbeat(seat))
        .catch(() => {});
    });
    await Promise.race([
      this.#options.beforeRejoin().catch(() => {}),
      process.pause("gets ready to rejoin", rebalanceTimeoutMs / 2),
    ]);
    stopBeats();
  }
}
