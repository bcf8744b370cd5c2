import { WindowKernel } from "../../../src/kernel/host/window_kernel.ts";
import { placeOf } from "../../../src/record/chunk.ts";
import { WindowRestore } from "../../../src/shard/window_restore.ts";
import { KernelStore } from "../../../src/window/kernel_store.ts";
import { formOf, type SessionForm } from "../../reference/last_forms.ts";
import {
  type DecodedRecord,
  decodeBatch,
} from "../../support/decode_batches.ts";
import { StoreDriver } from "../../support/store_driver.ts";
import type { ModelKafka } from "../kafka/model_kafka.ts";
import { committedLog } from "./committed_log.ts";
import { GROUP } from "./durable_process.ts";
import type { DurableRun } from "./durable_simulation.ts";
import { VISITS_TOPIC } from "./ledger.ts";
import { LOG_TOPIC } from "./model_durable.ts";

/** The records of a topic that a `read_committed` reader gets. */
export async function committedRecords(
  kafka: ModelKafka,
  topic: string,
): Promise<DecodedRecord[]> {
  const records: DecodedRecord[] = [];
  for (const partition of kafka.topic(topic).partitions) {
    for (const { bytes, outcome } of partition.entries) {
      if (bytes === null || outcome !== "committed") continue;
      records.push(...(await decodeBatch(bytes)).records);
    }
  }
  return records;
}

/** Texts of a record's headers. */
export function headersOf({ headers }: DecodedRecord): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.toString()]),
  );
}

/** A session record as a reader compares it. Ids are those of a topic. */
export function formOfRecord(record: DecodedRecord): SessionForm {
  const headers = headersOf(record);
  const form = formOf(record.value!.toString(), headers);
  return ofTopic(form, headers["source-topic-id"]!);
}

function ofTopic(form: SessionForm, topicId: string): SessionForm {
  return {
    ...form,
    id: `${topicId} ${form.id}`,
    supersedes: form.supersedes.map((id) => `${topicId} ${id}`),
  };
}

/**
 * What the sessions that are still open would put out, were all of them to fire
 * that have not: from the window log, as the committed offsets say where it is.
 */
export function openForms({ kafka, plan }: DurableRun): SessionForm[] {
  const store = new KernelStore(plan.window, new WindowKernel());
  store.keepChanges({});
  const { committed } = kafka.group(GROUP).offsets;
  const restore = new WindowRestore(store, { shard: 0, shardCount: 1 });
  restore.begin();
  for (const partition of committed.keys()) {
    const log = committedLog(kafka, partition);
    if (log !== null) restore.take(placeOf(log, LOG_TOPIC));
  }
  const driver = new StoreDriver(store);
  store.reassign(new Set(), -Infinity);
  driver.advanceTo(Number.POSITIVE_INFINITY);
  const { id } = kafka.topic(VISITS_TOPIC);
  return driver.firings.map((firing) => ofTopic(firing, id));
}
