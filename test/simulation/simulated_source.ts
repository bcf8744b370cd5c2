import type { Random } from "../../src/generate/random.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import type {
  PartitionProgress,
  Source,
  SourceEvent,
  StartOffset,
  WantedPartition,
} from "../../src/source/source.ts";
import { chunkOf } from "../support/built_chunk.ts";
import { listChunk } from "../support/list_chunk.ts";
import type { BuiltBatch } from "../support/record_batch_builder.ts";
import type { Plan } from "./plan.ts";
import {
  PlannedAssignments,
  type PlannedChange,
} from "./planned_assignments.ts";
import { PlannedBatches } from "./planned_batches.ts";
import {
  type Incarnation,
  leastFromHere,
  newIncarnation,
  takeValue,
} from "./planned_records.ts";
import type { Scheduler } from "./scheduler.ts";

const TOPIC = "simulated-topic-000001";
const ANOTHER_TOPIC = "simulated-topic-000002";
const RECORDS_MAX = 15;
const BATCHES_MAX = 4;
/** Time between two looks at partitions that have nothing, ms. */
const POLL_MS = 70;

/**
 * A topic that the plan has written. What is read in an incarnation bears its
 * number, so that none can pass for what an older one has read.
 */
export class SimulatedSource implements Source {
  readonly topic = "visits";
  readonly partitionCount: number;
  readonly goneRecords = 0;
  /** All that there were; the owned ones are in `owned`. */
  readonly incarnations: Incarnation[] = [];
  readonly owned = new Map<number, Incarnation>();
  readonly assignments: PlannedAssignments;
  isOpen = false;
  /** Batches that were given out and not given back. */
  lent = 0;
  readonly #plan: Plan;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #least: readonly Float64Array[];
  readonly #batches: PlannedBatches | null;
  /** The partitions that are preferred, if the source cares. */
  #wanted: readonly WantedPartition[] | null = null;
  #reads = 0;
  #topicId = TOPIC;
  #isStopped = false;

  constructor(plan: Plan, scheduler: Scheduler, random: Random) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    this.#random = random;
    this.partitionCount = plan.logs.length;
    this.#batches =
      plan.roundRecords === null ? null : new PlannedBatches(plan);
    this.assignments = new PlannedAssignments(plan);
    this.#least = plan.logs.map((log) => leastFromHere(log));
  }

  async open(): Promise<void> {
    this.isOpen = true;
    await this.#pause("source opens");
  }

  async *events(): AsyncIterable<SourceEvent> {
    const { source: slowestMs } = this.#plan.slowness;
    while (!this.#isStopped) {
      const event = this.#nextEvent();
      if (event === "over") return;
      if (event !== "nothing") yield event;
      const isSlow = this.#random.below(4) === 0;
      const ms = isSlow ? this.#random.below(slowestMs) : 0;
      const waitMs = event === "nothing" ? POLL_MS : 0;
      await this.#scheduler.pause("source", ms + waitMs);
    }
  }

  /** True at times when nothing comes: then the tick has to help. */
  get isReady(): boolean {
    return [...this.owned.values()].some((each) => this.#canRead(each));
  }

  begin(partition: number, from: StartOffset): void {
    const owned = this.owned.get(partition)!;
    const incarnation = owned.hasBegun ? this.#incarnate(partition) : owned;
    incarnation.position = from === "earliest" ? 0 : from;
    incarnation.hasBegun = true;
  }

  /** Some care for it, others tell of any partition. */
  prefer(wanted: readonly WantedPartition[]): void {
    if (this.#plan.seed % 2 === 0) this.#wanted = wanted;
  }

  partitions(): readonly PartitionProgress[] {
    return [...this.owned.values()].map((each) => ({
      partition: each.partition,
      position: each.position,
      endOffset: null,
      lag: null,
      isCaughtUp: !this.#canRead(each),
    }));
  }

  stop(): void {
    this.#isStopped = true;
  }

  async close(): Promise<void> {
    await this.#pause("source closes");
    this.isOpen = false;
  }

  /** The earliest event time that an owned partition has still to give. */
  get leastUnreadMs(): number {
    const begun = [...this.owned.values()].filter(({ hasBegun }) => hasBegun);
    return Math.min(
      ...begun.map((each) => this.#least[each.partition]![each.position]!),
    );
  }

  #nextEvent(): SourceEvent | "nothing" | "over" {
    const { isBounded, logs, fault } = this.#plan;
    const change = this.assignments.due(this.#scheduler.nowMs());
    if (change !== null) return this.#change(change);
    const owned = [...this.owned.values()];
    const ready = owned.filter((each) => this.#canRead(each));
    if (ready.length > 0) {
      if (fault?.part === "source" && ++this.#reads === fault.at) {
        throw new Error("the source fails");
      }
      return this.#read(this.#random.pick(ready));
    }
    if (!isBounded) return "nothing";
    for (const each of owned) {
      if (!this.#isWanted(each)) continue;
      const atEnd = each.position === logs[each.partition]!.length;
      if (each.isFinished || !each.hasBegun || !atEnd) continue;
      each.isFinished = true;
      return { kind: "finished", partition: each.partition };
    }
    const unfinished = owned.some((each) => !each.isFinished);
    return unfinished || !this.assignments.areOver ? "nothing" : "over";
  }

  #change(change: PlannedChange): SourceEvent {
    if (change.kind === "flush") return { kind: "flush" };
    if (change.kind === "assigned") return this.#assign(change.partitions);
    const partitions = [...this.owned.keys()];
    this.owned.clear();
    this.#topicId = ANOTHER_TOPIC;
    return this.#assign(partitions);
  }

  #assign(partitions: readonly number[]): SourceEvent {
    for (const partition of [...this.owned.keys()]) {
      if (!partitions.includes(partition)) this.owned.delete(partition);
    }
    const restarted = partitions.filter((each) => !this.owned.has(each));
    for (const partition of restarted) this.#incarnate(partition);
    this.#scheduler.note(`assigned ${partitions}, new ${restarted}`);
    const topicId = this.#topicId;
    return { kind: "assigned", partitions, restarted, seat: null, topicId };
  }

  #incarnate(partition: number): Incarnation {
    const incarnation = newIncarnation(partition, this.incarnations.length);
    this.incarnations.push(incarnation);
    this.owned.set(partition, incarnation);
    return incarnation;
  }

  #isWanted({ partition }: Incarnation): boolean {
    return (this.#wanted?.[0]?.partition ?? partition) === partition;
  }

  #canRead(incarnation: Incarnation): boolean {
    const { partition, position, hasBegun } = incarnation;
    const last = this.#batches?.lastOf(partition, position) ?? position;
    const record = this.#plan.logs[partition]![last];
    if (!hasBegun || record === undefined) return false;
    if (!this.#isWanted(incarnation)) return false;
    return record.arrivesAtMs <= this.#scheduler.nowMs();
  }

  #read(incarnation: Incarnation): SourceEvent {
    const chunk =
      this.#batches === null
        ? this.#readRecords(incarnation)
        : this.#readBatches(incarnation, this.#batches);
    this.lent++;
    return {
      kind: "records",
      chunk: {
        ...chunk,
        fetchedAtMs: this.#scheduler.nowMs(),
        // Bytes are overwritten as soon as they are given back.
        release: () => {
          this.lent--;
          chunk.bytes.fill("x");
          chunk.release();
        },
      },
    };
  }

  /** Some records, in one batch. */
  #readRecords(incarnation: Incarnation): Chunk {
    const { partition, position: baseOffset } = incarnation;
    const values: string[] = [];
    const most = this.#random.between(1, RECORDS_MAX);
    while (values.length < most && this.#canRead(incarnation)) {
      values.push(takeValue(this.#plan, incarnation));
    }
    return listChunk(values, { partition, baseOffset });
  }

  /** Some batches of those that are in the log. */
  #readBatches(incarnation: Incarnation, planned: PlannedBatches): Chunk {
    const { partition } = incarnation;
    const batches: BuiltBatch[] = [];
    const most = this.#random.between(1, BATCHES_MAX);
    while (batches.length < most && this.#canRead(incarnation)) {
      const baseOffset = incarnation.position;
      const last = planned.lastOf(partition, baseOffset);
      const length = last - baseOffset + 1;
      const values = Array.from({ length }, () =>
        takeValue(this.#plan, incarnation),
      );
      const records = values.map((value) => ({ key: null, value }));
      batches.push({ baseOffset, baseTimestamp: -1, records });
    }
    return chunkOf(batches, { partition });
  }

  #pause(label: string): Promise<void> {
    return this.#scheduler.pause(label, this.#random.below(5));
  }
}
