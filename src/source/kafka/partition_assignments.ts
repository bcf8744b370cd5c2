import type { OnNewTopic } from "../../config/config.ts";
import { WorldError } from "../../errors.ts";
import type { GroupSeat } from "../../kafka/group_seat.ts";
import type { EventQueue } from "./event_queue.ts";
import { PartitionPosition } from "./partition_position.ts";
import type { PartitionTable } from "./partition_table.ts";

/** What the assignments work with. */
export interface PartitionAssignmentsOptions {
  readonly topic: string;
  /** What a bounded run was to read ends with the topic: it always stops. */
  readonly bounded: boolean;
  /** All partitions are read, also those that are added. */
  readonly readsAll?: boolean;
  /** What to do when records that were read are no more. */
  readonly onNewTopic: OnNewTopic;
  /** True when partitions that stay restart too with each assignment. */
  readonly restartsAll: boolean;
  readonly queue: EventQueue;
  /** Takes the positions to read from here on. */
  readonly read: (positions: readonly PartitionPosition[]) => void;
  /** The positions that are read. */
  readonly table: () => PartitionTable;
  readonly log: SourceLog;
}

/** The part of a log that a source needs. */
export interface SourceLog {
  info(text: string): void;
  warn(text: string): void;
}

/** Whom the loop tells that the log is not what it was. */
export interface LossListener {
  /** The name belongs to another topic now: its id and its partitions. */
  onNewTopic(id: string | null, partitions: readonly number[]): void;
  /** So many partitions the topic has, as often as that is looked up. */
  onPartitions(count: number): void;
  /** Records were deleted before they were read; reading goes on at `start`. */
  onGone(position: PartitionPosition, start: number): void;
  /** Records that were read are no more: the log ends, or parts, at `end`. */
  onCut(position: PartitionPosition, end: number): void;
}

/**
 * Which partitions are owned and where they begin anew: by the group's word, or
 * because the log is not what it was.
 */
export class PartitionAssignments implements LossListener {
  /** The topic that the assignments are of, by its id; null when not known. */
  topicId: string | null = null;
  readonly #options: PartitionAssignmentsOptions;
  #seat: GroupSeat | null = null;
  #goneRecords = 0;
  #partitionCount = 0;

  constructor(options: PartitionAssignmentsOptions) {
    this.#options = options;
  }

  /** Number of records that were deleted before they were read. */
  get goneRecords(): number {
    return this.#goneRecords;
  }

  /** Number of partitions that the topic has. */
  get partitionCount(): number {
    return this.#partitionCount;
  }

  /**
   * Reads these partitions, for the seat; those that stay keep what was read of
   * them, unless all restart.
   */
  assign(
    partitions: readonly number[],
    {
      seat = null,
      endOffset = () => Number.POSITIVE_INFINITY,
    }: {
      readonly seat?: GroupSeat | null;
      readonly endOffset?: (partition: number) => number;
    } = {},
  ): void {
    this.#seat = seat;
    const table = this.#options.table();
    const positions = partitions.map(
      (each) =>
        table.find(each) ?? new PartitionPosition(each, endOffset(each)),
    );
    this.#replace(positions, { keepsQueue: false });
  }

  onNewTopic(id: string | null, partitions: readonly number[]): void {
    const { topic, onNewTopic, queue, log } = this.#options;
    const how = "it was deleted and created anew";
    if (onNewTopic === "stop") {
      throw this.#stop(`${how}, so its offsets mean other records now`);
    }
    const fate = onNewTopic === "flush" ? "emitted" : "dropped";
    log.warn(
      `Topic "${topic}" is another one now: ${how}. Its open sessions are ` +
        `${fate}, the new one is read from its start`,
    );
    const owned = this.#options.table().all.map((each) => each.partition);
    const kept = owned.filter((each) => partitions.includes(each)).sort();
    const positions = kept.map((each) => new PartitionPosition(each));
    const isFlush = onNewTopic === "flush";
    if (isFlush) queue.push({ kind: "flush" });
    this.topicId = id;
    this.#replace(positions, { keepsQueue: isFlush });
  }

  onPartitions(count: number): void {
    const before = this.#partitionCount;
    this.#partitionCount = Math.max(before, count);
    if (before === 0 || count <= before) return;
    const { topic, readsAll = false, log } = this.#options;
    log.info(`Topic "${topic}" has ${count} partitions now, it had ${before}`);
    if (readsAll) this.assign(Array.from({ length: count }, (_, each) => each));
  }

  onGone(position: PartitionPosition, start: number): void {
    const { topic, log } = this.#options;
    const { partition, offset } = position;
    const count = start - offset;
    this.#goneRecords += count;
    const range = `offsets ${offset} to ${start - 1}`;
    log.warn(
      `Records of topic "${topic}" were deleted before they were read: ` +
        `${range} of partition ${partition}, ${count} in all`,
    );
  }

  onCut(position: PartitionPosition, end: number): void {
    const { topic, onNewTopic, log } = this.#options;
    const { partition } = position;
    const what = cutText(position, end);
    if (onNewTopic === "stop") throw this.#stop(what);
    if (onNewTopic === "flush") {
      log.warn(`Topic "${topic}": ${what}. It is read on from there`);
      position.moveTo(end);
      return;
    }
    log.warn(`Topic "${topic}": ${what}. It is read again from its start`);
    const { all } = this.#options.table();
    const positions = all.map((each) =>
      each === position ? new PartitionPosition(partition) : each,
    );
    this.#replace(positions, { keepsQueue: false, voided: [partition] });
  }

  #replace(
    given: readonly PartitionPosition[],
    {
      keepsQueue,
      voided = [],
    }: { readonly keepsQueue: boolean; readonly voided?: readonly number[] },
  ): void {
    const { queue, read, restartsAll } = this.#options;
    const table = this.#options.table();
    const positions = restartsAll
      ? given.map((each) => new PartitionPosition(each.partition))
      : given;
    const isNew = (each: PartitionPosition) => !table.has(each);
    const announced = positions.filter(isNew);
    read(positions);
    if (!keepsQueue) queue.dropUnless((each) => table.has(each));
    const numbers = (some: readonly PartitionPosition[]) =>
      some.map(({ partition }) => partition).sort((a, b) => a - b);
    const partitions = numbers(positions);
    const restarted = numbers(announced);
    const allVoided = [...this.#overtaken(), ...voided];
    queue.push(
      {
        ...{ kind: "assigned", partitions, restarted },
        ...{ topicId: this.topicId, seat: this.#seat },
        ...(allVoided.length > 0 ? { voided: allVoided } : {}),
      },
      announced,
    );
  }

  /**
   * Where all restart, an assignment that nobody has heard of is as good as none:
   * its seat does not count any more. Returns what it has voided.
   */
  #overtaken(): number[] {
    const { queue, restartsAll } = this.#options;
    if (!restartsAll) return [];
    return queue.takeAssigned().flatMap(({ voided = [] }) => [...voided]);
  }

  #stop(what: string): WorldError {
    const { topic, bounded, restartsAll, readsAll = false } = this.#options;
    const others = "run with --on-new-topic flush or drop";
    const again = "start again to read it from its start";
    // What is committed goes on where the log does not, and is of what was.
    const advice = restartsAll
      ? "run with --on-new-topic drop to drop its open sessions and to read it from its start"
      : [again, ...(bounded || readsAll ? [] : [others])].join(", or ");
    return new WorldError(
      `Cannot read topic "${topic}" any further: ${what}; ${advice}`,
    );
  }
}

/** What is wrong with a log that ends before the position. */
function cutText(position: PartitionPosition, end: number): string {
  const { partition, offset, firstOffset } = position;
  if (offset !== firstOffset) {
    return (
      `partition ${partition} was read up to offset ${offset}, but its log ` +
      `was cut at ${end}, as an unclean leader election does`
    );
  }
  return (
    `offset ${offset} of partition ${partition} is committed, but its log ends ` +
    `at ${end}: another program has committed it, or the log was cut, as an ` +
    "unclean leader election does"
  );
}
