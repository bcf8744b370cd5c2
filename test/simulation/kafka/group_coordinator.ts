import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import type {
  Dealt,
  GroupAssignment,
  GroupState,
  Joined,
  Joining,
  Member,
} from "./group_member.ts";
import { GroupOffsets } from "./group_offsets.ts";
import { KafkaError } from "./kafka_error.ts";

const NOTHING: Dealt = { partitions: [], partitionCount: 0 };

/** A consumer group of the classic protocol. */
export class GroupCoordinator {
  readonly offsets = new GroupOffsets();
  readonly #nowMs: () => number;
  readonly #members = new Map<string, Member>();
  #state: GroupState = "empty";
  #generationId = 0;
  #leaderId = "";
  #rebalanceDeadlineMs = 0;
  #nextMember = 1;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get state(): GroupState {
    return this.#state;
  }

  /** Answers when all members have joined, or the rebalance takes no longer. */
  join(joining: Joining): Promise<Joined> {
    const { memberId, groupInstanceId } = joining;
    const seated = this.#instance(groupInstanceId);
    if (memberId !== "") {
      const member = this.#checked({ ...joining, generationId: null });
      return this.#joinAgain(member);
    }
    if (seated !== undefined) return this.#takeSeat(seated);
    const member: Member = {
      id: `${groupInstanceId ?? "member"}-${this.#nextMember++}`,
      groupInstanceId,
      sessionTimeoutMs: joining.sessionTimeoutMs,
      rebalanceTimeoutMs: joining.rebalanceTimeoutMs,
      deadlineMs: 0,
      join: null,
      sync: null,
      assignment: NOTHING,
    };
    this.#members.set(member.id, member);
    return this.#await(member);
  }

  /** Answers when the leader has told who gets what. */
  async sync(
    seat: GroupSeat,
    assignment: GroupAssignment | null,
  ): Promise<Dealt> {
    const member = this.#checked(seat);
    this.#hear(member);
    if (this.#state === "preparing") {
      throw new KafkaError("REBALANCE_IN_PROGRESS");
    }
    if (this.#state === "stable") return member.assignment;
    member.sync = Promise.withResolvers();
    const { promise } = member.sync;
    if (member.id === this.#leaderId && assignment !== null) {
      this.#settle(assignment);
    }
    return await promise;
  }

  /** Keeps a member's seat. */
  heartbeat(seat: GroupSeat): void {
    this.#hear(this.#checked(seat));
    if (this.#state === "preparing") {
      throw new KafkaError("REBALANCE_IN_PROGRESS");
    }
  }

  leave(seat: Omit<GroupSeat, "generationId">): void {
    const member = this.#checked({ ...seat, generationId: null });
    this.#remove(member);
  }

  /**
   * Throws unless the seat may commit: who has none at all always may, and the
   * generation counts until the next one begins.
   */
  checkCommit(seat: GroupSeat): void {
    const { memberId, generationId, groupInstanceId } = seat;
    const isNobody = memberId === "" && groupInstanceId === null;
    if (!isNobody || generationId >= 0) this.#checked(seat);
  }

  /** Ends seats and rebalances that have taken too long. */
  tick(): void {
    const nowMs = this.#nowMs();
    for (const member of [...this.#members.values()]) {
      // Who waits for a rebalance cannot be heard meanwhile.
      if (member.join === null && member.deadlineMs <= nowMs) {
        this.#remove(member);
      }
    }
    if (this.#state !== "preparing") return;
    if (nowMs < this.#rebalanceDeadlineMs) return;
    for (const member of [...this.#members.values()]) {
      const hasJoined = member.join !== null;
      if (hasJoined || member.groupInstanceId !== null) continue;
      this.#members.delete(member.id);
    }
    this.#complete();
  }

  /** The coordinator is there again: all seats count from now on. */
  reload(): void {
    for (const member of this.#members.values()) this.#hear(member);
  }

  #instance(groupInstanceId: string | null): Member | undefined {
    if (groupInstanceId === null) return undefined;
    return [...this.#members.values()].find(
      (each) => each.groupInstanceId === groupInstanceId,
    );
  }

  /** The member of a seat. A generation of null is not looked at. */
  #checked(
    seat: Omit<GroupSeat, "generationId"> & { generationId: number | null },
  ): Member {
    const { memberId, groupInstanceId, generationId } = seat;
    if (groupInstanceId !== null) {
      const seated = this.#instance(groupInstanceId);
      if (seated === undefined) throw new KafkaError("UNKNOWN_MEMBER_ID");
      if (seated.id !== memberId) throw new KafkaError("FENCED_INSTANCE_ID");
    }
    const member = this.#members.get(memberId);
    if (member === undefined) throw new KafkaError("UNKNOWN_MEMBER_ID");
    if (generationId !== null && generationId !== this.#generationId) {
      throw new KafkaError("ILLEGAL_GENERATION");
    }
    return member;
  }

  #hear(member: Member): void {
    member.deadlineMs = this.#nowMs() + member.sessionTimeoutMs;
  }

  /** A static member has started again: it has its seat under another id. */
  #takeSeat(seated: Member): Promise<Joined> {
    this.#members.delete(seated.id);
    const error = new KafkaError("FENCED_INSTANCE_ID");
    seated.join?.reject(error);
    seated.sync?.reject(error);
    const id = `${seated.groupInstanceId}-${this.#nextMember++}`;
    const member = { ...seated, id, join: null, sync: null };
    this.#members.set(id, member);
    this.#hear(member);
    if (this.#state !== "stable") return this.#await(member);
    // The old leader's id stays: nobody assigns anew.
    const answer = this.#joined(member);
    if (seated.id === this.#leaderId) this.#leaderId = id;
    return Promise.resolve({ ...answer, leaderId: "", memberIds: [] });
  }

  #joinAgain(member: Member): Promise<Joined> {
    const isFollower = member.id !== this.#leaderId;
    if (this.#state === "stable" && isFollower) {
      this.#hear(member);
      return Promise.resolve(this.#joined(member));
    }
    return this.#await(member);
  }

  #await(member: Member): Promise<Joined> {
    member.join?.reject(new KafkaError("UNKNOWN_MEMBER_ID"));
    member.join = Promise.withResolvers();
    const { promise } = member.join;
    if (this.#state !== "preparing") this.#prepare();
    this.#completeWhenAll();
    return promise;
  }

  #prepare(): void {
    this.#state = "preparing";
    for (const member of this.#members.values()) {
      member.sync?.reject(new KafkaError("REBALANCE_IN_PROGRESS"));
      member.sync = null;
    }
    const timeoutsMs = [...this.#members.values()].map(
      (each) => each.rebalanceTimeoutMs,
    );
    this.#rebalanceDeadlineMs = this.#nowMs() + Math.max(0, ...timeoutsMs);
  }

  #completeWhenAll(): void {
    if (this.#state !== "preparing") return;
    const members = [...this.#members.values()];
    if (members.every(({ join }) => join !== null)) this.#complete();
  }

  #complete(): void {
    const members = [...this.#members.values()];
    this.#generationId++;
    this.#state = members.length === 0 ? "empty" : "completing";
    const joined = members.filter(({ join }) => join !== null);
    if (!joined.some(({ id }) => id === this.#leaderId)) {
      this.#leaderId = joined[0]?.id ?? "";
    }
    for (const member of members) {
      this.#hear(member);
      member.join?.resolve(this.#joined(member));
      member.join = null;
    }
  }

  #joined({ id }: Member): Joined {
    const leaderId = this.#leaderId;
    return {
      memberId: id,
      generationId: this.#generationId,
      leaderId,
      memberIds: id === leaderId ? [...this.#members.keys()] : [],
    };
  }

  #settle(assignment: GroupAssignment): void {
    this.#state = "stable";
    for (const member of this.#members.values()) {
      member.assignment = assignment.get(member.id) ?? NOTHING;
      member.sync?.resolve(member.assignment);
      member.sync = null;
    }
  }

  #remove(member: Member): void {
    this.#members.delete(member.id);
    const error = new KafkaError("UNKNOWN_MEMBER_ID");
    member.join?.reject(error);
    member.sync?.reject(error);
    if (this.#members.size === 0) this.#complete();
    else {
      if (this.#state !== "preparing") this.#prepare();
      this.#completeWhenAll();
    }
  }
}
