import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CLOSE_REASONS } from "../../../src/kernel/host/session_names.ts";
import { KafkaEncoder } from "../../../src/sink/encode/kafka_encoder.ts";
import {
  REPORT_BYTES_MAX,
  type SessionEncoder,
} from "../../../src/sink/encode/session_encoder.ts";
import type {
  FiredSession,
  StoreOutput,
  WindowStore,
} from "../../../src/window/window_store.ts";
import type { SessionChunk } from "../../../src/wire/messages.ts";
import { ExpectedBatches } from "../../support/expected_batches.ts";
import { firedSession } from "../../support/fired_session.ts";
import { LendingEncoder } from "../../support/lending_encoder.ts";
import { LendingStore } from "../../support/lending_store.ts";
import { VerifiedStore } from "../../support/verified_store.ts";
import { buildColumns } from "../../support/visit_columns_builder.ts";
import {
  everyScenario,
  type Scenario,
} from "../../support/window_scenarios.ts";

// The kernel writes records where the sessions fire; these tests compare its
// batches, to the byte, with those of the writer in JavaScript.

const RUNS = { numRuns: 150, interruptAfterTimeLimit: 30_000 };

type Encoder = Pick<SessionEncoder, "add" | "byteLength">;

/** Topics that take from one small record to all. */
const topic = fc.record({
  partitionCount: fc.constantFrom(1, 3),
  maxRecordBytes: fc.constantFrom(420, 700, 1500, 1_048_588, 2 ** 31 - 1),
});

const id = fc.tuple(fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeNat());
const idText = id.map(([partition, offset]) => `${partition}-${offset}`);

/** As Kafka prints it; brokers that know none give sessions none. */
const topicId = fc.oneof(
  fc.constant(""),
  fc.stringMatching(/^[A-Za-z0-9_-]{22}$/),
);

const session: fc.Arbitrary<FiredSession> = fc
  .tuple(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.record({
      revision: fc.oneof(fc.nat({ max: 3 }), fc.nat()),
      final: fc.boolean(),
      closeReason: fc.constantFrom(...CLOSE_REASONS),
      supersedes: fc.array(idText, { maxLength: 9 }).map((ids) => ids.join()),
      newVisits: fc.nat({ max: 9 }),
      sourceTopicId: topicId,
    }),
    id,
  )
  .map(([visitId, fields, [idPartition, idOffset]]) =>
    firedSession(visitId, { ...fields, idPartition, idOffset }),
  );

test("KafkaEncoder writes any session as the other topics' writer does", () => {
  const value = fc.uint8Array({ maxLength: 900 });
  const sessions = fc.array(fc.tuple(session, value), { maxLength: 40 });
  fc.assert(
    fc.property(topic, sessions, (options, drawn) => {
      const actual = new LendingEncoder({ format: "kafka", ...options });
      const expected = new ExpectedBatches(options);
      for (const [fired, bytes] of drawn) {
        const text = Buffer.from(bytes);
        actual.add(text, text.length, fired);
        expected.add(text, text.length, fired);
      }
      assertSame(actual, expected);
      assert.deepEqual(actual.takeCounts(), expected.counts);
      assert.deepEqual(actual.takeCounts(), { sessions: 0, newVisits: 0 });
    }),
    RUNS,
  );
});

test("KafkaEncoder has what the store fires, in its order", () => {
  fc.assert(
    fc.property(topic, everyScenario, topicId, (options, scenario, id) => {
      const expected = new ExpectedBatches(options);
      const plain = new LendingStore(scenario.parameters);
      plain.setSourceTopic(id);
      drive(plain, outputTo(expected), scenario);
      const store = new VerifiedStore(scenario.parameters);
      const actual = new KafkaEncoder(
        { format: "kafka", ...options },
        store.kernel,
      );
      store.setSourceTopic(id);
      drive(store, outputTo(actual), scenario);
      assert.deepEqual(actual.takeCounts(), expected.counts);
      assertSame(actual, expected);
    }),
    RUNS,
  );
});

test("KafkaEncoder stops the store when a report is full", () => {
  const store = new LendingStore({ gapMs: 1000, allowedLatenessMs: 0 });
  const encoder = new KafkaEncoder(
    { format: "kafka", partitionCount: 3, maxRecordBytes: 1_048_588 },
    store.kernel,
  );
  const out = outputTo(encoder);
  const visits = Array.from({ length: 1000 }, (_, visit) => ({
    visitId: `visit-${visit}`,
    eventTime: "2024-06-01T00:00:00+00:00",
    page: "p".repeat(3000),
  }));
  store.applyVisits(buildColumns(visits), 0, out);
  const lengths: number[] = [];
  let sessions = 0;
  for (let isDone = false; !isDone; ) {
    isDone = store.advanceTo(Infinity, out);
    lengths.push(encoder.byteLength);
    sessions += encoder.takeCounts().sessions;
    const taken = encoder.take().map(({ bytes }) => bytes.length);
    assert.equal(sum(taken), lengths.at(-1));
    assert.equal(encoder.byteLength, 0);
  }
  assert.equal(sessions, visits.length);
  assert.equal(lengths.length, 4);
  for (const length of lengths.slice(0, -1)) {
    assert.ok(length >= REPORT_BYTES_MAX, `${length}`);
    assert.ok(length < REPORT_BYTES_MAX + 4000, `${length}`);
  }
});

/** An output for a store whose sessions go to an encoder. */
function outputTo(encoder: Encoder): StoreOutput {
  return {
    get isFull() {
      return encoder.byteLength >= REPORT_BYTES_MAX;
    },
    generationTime: "2024-08-14T03:03:41.035179",
    emit: (value, length, fired) => encoder.add(value, length, fired),
    late() {},
    reject() {},
  };
}

/** Takes a store through a scenario, to the end of the input. */
function drive(store: WindowStore, out: StoreOutput, { steps }: Scenario) {
  for (const step of steps) {
    if (step.kind === "visits") {
      const visits = buildColumns(step.visits);
      assert.equal(store.applyVisits(visits, 0, out), visits.count);
    } else assert.ok(store.advanceTo(step.watermarkMs, out));
  }
  assert.ok(store.advanceTo(Infinity, out));
}

function assertSame(actual: SessionEncoder, expected: ExpectedBatches): void {
  const tooLarge = actual.takeOversized();
  assert.deepEqual(
    tooLarge.map(({ key }) => Buffer.from(key).toString()),
    expected.oversized,
  );
  assert.deepEqual(actual.take().map(plain), expected.take().map(plain));
}

function plain({ partition, count, bytes }: SessionChunk): object {
  return { partition, count, bytes: Buffer.from(bytes).toString("hex") };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
