import type { Random } from "../../src/generate/random.ts";
import type {
  PartitionProgress,
  Source,
  SourceEvent,
  StartOffset,
} from "../../src/source/source.ts";
import { listChunk } from "../support/list_chunk.ts";
import type { SimpleVisit } from "../support/visit_columns_builder.ts";
import type { Plan } from "./plan.ts";
import type { Scheduler } from "./scheduler.ts";

/** A partition from when it is assigned until it is revoked. */
export interface Incarnation {
  readonly partition: number;
  readonly number: number;
  /** What was read of it, by its mark. */
  readonly read: Map<string, SimpleVisit>;
  position: number;
  hasBegun: boolean;
  isFinished: boolean;
}

/** The topic is never another one. */
const TOPIC_ID = "simulated-topic-000001";
const RECORDS_MAX = 15;
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
  isOpen = false;
  /** Batches that were given out and not given back. */
  lent = 0;
  readonly #plan: Plan;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #least: readonly Float64Array[];
  #nextAssignment = 0;
  #reads = 0;
  #isStopped = false;

  constructor(plan: Plan, scheduler: Scheduler, random: Random) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    this.#random = random;
    this.partitionCount = plan.logs.length;
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
    let leastMs = Infinity;
    for (const { partition, position, hasBegun } of this.owned.values()) {
      if (!hasBegun) continue;
      leastMs = Math.min(leastMs, this.#least[partition]![position]!);
    }
    return leastMs;
  }

  #nextEvent(): SourceEvent | "nothing" | "over" {
    const { isBounded, assignments, logs, fault } = this.#plan;
    const next = assignments[this.#nextAssignment];
    if (next !== undefined && next.atMs <= this.#scheduler.nowMs()) {
      this.#nextAssignment++;
      return this.#assign(next.partitions);
    }
    const ready = [...this.owned.values()].filter((each) =>
      this.#canRead(each),
    );
    if (ready.length > 0) {
      if (fault?.part === "source" && ++this.#reads === fault.at) {
        throw new Error("the source fails");
      }
      return this.#read(this.#random.pick(ready));
    }
    if (!isBounded) return "nothing";
    for (const each of this.owned.values()) {
      const atEnd = each.position === logs[each.partition]!.length;
      if (each.isFinished || !each.hasBegun || !atEnd) continue;
      each.isFinished = true;
      return { kind: "finished", partition: each.partition };
    }
    const unfinished = [...this.owned.values()].some((it) => !it.isFinished);
    return unfinished || next !== undefined ? "nothing" : "over";
  }

  #assign(partitions: readonly number[]): SourceEvent {
    for (const partition of [...this.owned.keys()]) {
      if (!partitions.includes(partition)) this.owned.delete(partition);
    }
    const restarted = partitions.filter((each) => !this.owned.has(each));
    for (const partition of restarted) this.#incarnate(partition);
    this.#scheduler.note(`assigned ${partitions}, new ${restarted}`);
    return { kind: "assigned", partitions, restarted, topicId: TOPIC_ID };
  }

  #incarnate(partition: number): Incarnation {
    const incarnation: Incarnation = {
      partition,
      number: this.incarnations.length,
      read: new Map(),
      position: 0,
      hasBegun: false,
      isFinished: false,
    };
    this.incarnations.push(incarnation);
    this.owned.set(partition, incarnation);
    return incarnation;
  }

  #canRead({ partition, position, hasBegun }: Incarnation): boolean {
    const record = this.#plan.logs[partition]![position];
    if (!hasBegun || record === undefined) return false;
    return record.arrivesAtMs <= this.#scheduler.nowMs();
  }

  #read(incarnation: Incarnation): SourceEvent {
    const { partition } = incarnation;
    const baseOffset = incarnation.position;
    const values: string[] = [];
    const most = this.#random.between(1, RECORDS_MAX);
    while (values.length < most && this.#canRead(incarnation)) {
      values.push(this.#nextValue(incarnation));
    }
    const chunk = listChunk(values, { partition, baseOffset });
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

  #nextValue(incarnation: Incarnation): string {
    const { partition, number } = incarnation;
    const offset = incarnation.position++;
    const record = this.#plan.logs[partition]![offset]!;
    const mark = `${partition}-${offset}#${number}`;
    const visit = {
      visitId: `visitor ${record.visitor}`,
      eventTime: new Date(record.eventMs).toISOString(),
      page: mark,
      // Which visit of several partitions comes last is not for a naive one.
      userId: this.#plan.isMixed ? "someone" : `user ${offset % 5}`,
    };
    incarnation.read.set(mark, visit);
    if (record.kind === "garbage") return `garbage ${mark}`;
    return JSON.stringify({
      visit_id: visit.visitId,
      event_time: visit.eventTime,
      page: visit.page,
      user_id: visit.userId,
    });
  }

  #pause(label: string): Promise<void> {
    return this.#scheduler.pause(label, this.#random.below(5));
  }
}

/** By offset: the earliest event time of a visit there or behind. */
function leastFromHere(log: Plan["logs"][number]): Float64Array {
  const least = new Float64Array(log.length + 1).fill(Infinity);
  for (let at = log.length - 1; at >= 0; at--) {
    const { kind, eventMs } = log[at]!;
    const ms = kind === "garbage" ? Infinity : eventMs;
    least[at] = Math.min(ms, least[at + 1]!);
  }
  return least;
}
