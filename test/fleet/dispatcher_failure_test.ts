import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { DispatcherListener } from "../../src/fleet/dispatcher_parts.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import type { PostedReport, TaskMessage } from "../../src/wire/messages.ts";
import { decodeReport, encodeReport } from "../../src/wire/report_codec.ts";
import { listChunk } from "../support/list_chunk.ts";
import { reportFields } from "../support/report_fields.ts";
import { shardOptions } from "../support/shard_options.ts";

const VISIT = '{"visit_id":"a","event_time":"2024-06-01T00:00:00Z"}';

/** What may go wrong on the way of a task and its report. */
interface Fault {
  /** Changes the answer to the n-th task, from 1 on. */
  answer?(
    report: PostedReport,
    n: number,
  ): PostedReport | Promise<PostedReport>;
  /** Stands in for sending the n-th task. */
  send?(n: number): void;
  onReport?: DispatcherListener["onReport"];
}

/** A dispatcher with one real shard and one fault, which has no room at all. */
function createDispatcher(fault: Fault) {
  const shard = createShard(shardOptions());
  const failures: unknown[] = [];
  let tasks = 0;
  const run = (_: number, message: TaskMessage): Promise<PostedReport> => {
    const n = ++tasks;
    fault.send?.(n);
    return Promise.resolve().then(() => {
      const report = { ...shard.handle(message), threadCpuMs: 0 };
      return fault.answer === undefined ? report : fault.answer(report, n);
    });
  };
  const dispatcher = new Dispatcher(
    { size: 1, run, scan: assert.fail, look: assert.fail },
    {
      // There is never room, so that who waits for it waits.
      inFlightLimitBytes: -1,
      outputLimitBytes: 1 << 20,
      watermarks: "merged",
      ...{ topic: "visits", keepsRecords: false },
      clock: WALL_CLOCK,
    },
    {
      onReport: fault.onReport ?? (async () => {}),
      onFailure: (error) => failures.push(error),
    },
  );
  dispatcher.setState(0, ACTIVE);
  let dealt = 0;
  const deal = () => {
    const place = { partition: 0, baseOffset: dealt++ };
    dispatcher.dealer.deal(listChunk([VISIT], place));
  };
  return { dispatcher, failures, deal, tasks: () => tasks };
}

/** The report, saying something else of time. */
function withTime(
  report: PostedReport,
  time: { localWatermarkMs?: number; clocksMs?: Float64Array },
): PostedReport {
  const envelope = decodeReport(report.envelope);
  const fields = {
    ...reportFields(),
    sequence: envelope.sequence(),
    appliedSequence: envelope.appliedSequence(),
    localWatermarkMs: envelope.localWatermarkMs(),
    clocksMs: envelope.clocksMsArray() ?? new Float64Array(0),
  };
  return { ...report, envelope: encodeReport({ ...fields, ...time }) };
}

const FAULTS: Record<string, { fault: Fault; message: RegExp }> = {
  "a task that fails": {
    fault: { answer: () => Promise.reject(new Error("the thread is gone")) },
    message: /the thread is gone/,
  },
  "a task that cannot be sent": {
    fault: {
      send() {
        throw new Error("not cloneable");
      },
    },
    message: /not cloneable/,
  },
  "a task that cannot be sent after a report": {
    fault: {
      send(n) {
        if (n > 1) throw new Error("not cloneable any more");
      },
    },
    message: /not cloneable any more/,
  },
  "an answer that is no report": {
    fault: { answer: () => undefined as unknown as PostedReport },
    message: /undefined/,
  },
  "a report without its bytes": {
    fault: {
      answer: (report) => ({ ...report, envelope: new Uint8Array(0) }),
    },
    message: /Cannot take report of shard 0: it answers task 0 .*expected .* 1/,
  },
  "a report that comes twice": {
    fault: {
      answer(report, n) {
        const fields = { ...reportFields(), sequence: 1, appliedSequence: 1 };
        return n === 1 ? report : { ...report, envelope: encodeReport(fields) };
      },
    },
    message: /it answers task 1 and says that 1 is applied, expected .* 2/,
  },
  "a local watermark that is no number": {
    fault: {
      answer: (report) => withTime(report, { localWatermarkMs: Number.NaN }),
    },
    message: /Cannot merge watermark of shard 0: it is NaN/,
  },
  "a clock that goes back": {
    fault: {
      answer: (report, n) =>
        withTime(report, { clocksMs: Float64Array.of(1e12 - n) }),
    },
    message: /partition 0 went back from 999999999999 to 999999999998/,
  },
  "a listener that throws": {
    fault: {
      onReport() {
        throw new Error("no reader for this");
      },
    },
    message: /no reader for this/,
  },
  "an output that fails": {
    fault: { onReport: () => Promise.reject(new Error("disk full")) },
    message: /disk full/,
  },
};

for (const [name, { fault, message }] of Object.entries(FAULTS)) {
  test(`Dispatcher ends the job for ${name}`, async () => {
    const { dispatcher, failures, deal, tasks } = createDispatcher(fault);
    deal();
    const waiting = [
      assert.rejects(dispatcher.capacity(), message),
      assert.rejects(dispatcher.quiet(), message),
    ];
    for (let turn = 0; turn < 20 && failures.length === 0; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      dispatcher.pump();
    }
    await Promise.all(waiting);
    assert.equal(failures.length, 1);
    assert.match(String(failures[0]), message);
    // Later too, and nothing is sent any more.
    const sent = tasks();
    assert.equal(dispatcher.hasCapacity, false);
    await assert.rejects(dispatcher.capacity(), message);
    await assert.rejects(dispatcher.quiet(), message);
    assert.throws(deal, message);
    dispatcher.pump();
    dispatcher.reassign({ dropped: [0], topicId: null });
    assert.throws(() => dispatcher.sendFull(dispatcher.links[0]!), message);
    assert.equal(tasks(), sent);
    assert.equal(failures.length, 1);
  });
}
