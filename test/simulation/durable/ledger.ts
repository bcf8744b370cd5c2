import { buildBatch } from "../../support/record_batch_builder.ts";
import type { SimpleVisit } from "../../support/visit_columns_builder.ts";
import type { ModelKafka } from "../kafka/model_kafka.ts";
import type { Scheduler } from "../scheduler.ts";
import type { DurablePlan, LedgerRecord } from "./durable_plan.ts";

/** The input. */
export const VISITS_TOPIC = "visits";

/** A record that is in the input, and what it says. */
export interface LedgerEntry {
  readonly record: LedgerRecord;
  readonly offset: number;
  /** Which of the topics that had the name it is in, from 1 on. */
  readonly generation: number;
  /** Which record it is, wherever it comes out. */
  readonly mark: string;
  readonly visit: SimpleVisit;
  /** The highest event time before it, of its partition and of all, ms. */
  readonly before: { readonly partitionMs: number; readonly allMs: number };
}

/** Writes the input, and keeps what was acknowledged, in its order. */
export class Ledger {
  readonly entries: LedgerEntry[] = [];
  generation = 1;
  readonly #kafka: ModelKafka;
  readonly #clocksMs = new Map<number, number>();

  constructor(kafka: ModelKafka) {
    this.#kafka = kafka;
  }

  /** Writes records of one partition as a batch. */
  append(records: readonly LedgerRecord[]): void {
    const { partition } = records[0]!;
    const log = this.#kafka.partition(VISITS_TOPIC, partition);
    const values = records.map((record, index) => {
      const entry = this.#take(record, log.endOffset + index);
      const { visitId, eventTime, page, userId } = entry.visit;
      if (record.kind === "garbage") return `garbage ${entry.mark}`;
      return JSON.stringify({
        ...{ visit_id: visitId, event_time: eventTime },
        ...{ page, user_id: userId },
      });
    });
    const built = values.map((value) => ({ key: null, value }));
    const baseTimestamp = records[0]!.arrivesAtMs;
    log.append(buildBatch({ baseOffset: 0, baseTimestamp, records: built }));
  }

  /** The topic is deleted, and another one gets its name. */
  startAnew(): void {
    const { length } = this.#kafka.topic(VISITS_TOPIC).partitions;
    this.#kafka.createTopic(VISITS_TOPIC, length);
    this.generation++;
    this.#clocksMs.clear();
  }

  #take(record: LedgerRecord, offset: number): LedgerEntry {
    const { partition, visitor, eventMs, kind } = record;
    const { generation } = this;
    const mark = `${generation}/${partition}-${offset}`;
    const visit = {
      visitId: `visitor ${visitor}`,
      eventTime: new Date(eventMs).toISOString(),
      page: mark,
      userId: `user ${offset % 5}`,
    };
    const partitionMs = this.#clocksMs.get(partition) ?? -Infinity;
    const allMs = Math.max(...this.#clocksMs.values(), -Infinity);
    const before = { partitionMs, allMs };
    const entry = { record, offset, generation, mark, visit, before };
    this.entries.push(entry);
    if (kind !== "garbage") {
      this.#clocksMs.set(partition, Math.max(partitionMs, eventMs));
    }
    return entry;
  }
}

/** Has all records of a plan arrive: those of a moment and partition as a batch. */
export function planInput(
  { records, isClosed, network }: DurablePlan,
  world: {
    readonly ledger: Ledger;
    readonly kafka: ModelKafka;
    readonly scheduler: Scheduler;
  },
): void {
  const { ledger, kafka, scheduler } = world;
  const batches = Map.groupBy(
    records,
    ({ arrivesAtMs, partition }) => `${arrivesAtMs} ${partition}`,
  );
  for (const batch of batches.values()) {
    const { arrivesAtMs } = batch[0]!;
    scheduler.at(arrivesAtMs, "visits arrive", () => ledger.append(batch));
  }
  if (!isClosed) return;
  const { calmAtMs } = network;
  scheduler.at(calmAtMs, "the last visits arrive", () => {
    const { length } = kafka.topic(VISITS_TOPIC).partitions;
    for (let partition = 0; partition < length; partition++) {
      ledger.append(closingVisits(partition, calmAtMs));
    }
  });
}

/** Visits so far ahead that all sessions before them are over, gone even. */
function closingVisits(partition: number, nowMs: number): LedgerRecord[] {
  return [0, 1, 2].map((index) => ({
    arrivesAtMs: nowMs,
    ...{ partition, visitor: 1_000 + 10 * partition + index },
    eventMs: nowMs + 60_000 + 500 * index,
    kind: "visit" as const,
  }));
}
