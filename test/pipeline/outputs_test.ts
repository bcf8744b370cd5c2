import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { brokerOutage } from "../../src/kafka/outage.ts";
import { openOutputs } from "../../src/pipeline/outputs.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { shardOptions } from "../support/shard_options.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { SILENT_LOG } from "./fake_parts.ts";

function openSockets(): number {
  const resources = process.getActiveResourcesInfo();
  return resources.filter((name) => name === "TCPSocketWrap").length;
}

test("openOutputs() closes what it has opened when a later output fails", async () => {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("sessions", { partitions: 1 });
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-outputs-"));
  const path = join(folder, "missing", "late.jsonl");
  try {
    await waitUntil(() => openSockets() === 0);
    const opening = openOutputs(
      {
        from: { kind: "generator" },
        to: { kind: "kafka", topic },
        lateTo: { kind: "file", path },
        deadLetterTo: null,
        workers: 1,
        window: shardOptions().window,
        idleTimeoutMs: 0,
        bounded: true,
        deterministic: true,
        withMetadata: false,
        routeBy: "visit_id",
        maxRecordBytes: 1 << 20,
        maxInFlightBytes: 1 << 20,
        kafka: kafkaConfig(brokers),
        kafkaSource: {
          createSource: false,
          metadataIntervalMs: 30_000,
          onNewTopic: "stop",
          instance: null,
          sessionTimeoutMs: 10_000,
        },
        durability: null,
        generator: DEFAULT_GENERATOR,
        histograms: null,
        existingFile: "refuse",
      },
      {
        inputPartitions: 1,
        outage: brokerOutage([brokers], { clock: WALL_CLOCK, warn: () => {} }),
        signal: new AbortController().signal,
        log: SILENT_LOG,
      },
    );
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, openSockets());
    }, 1);
    await assert.rejects(opening, {
      name: "WorldError",
      message: /^Cannot write file ".*late\.jsonl"/,
    });
    clearInterval(watching);
    assert.ok(most > 0, "the first output was never open");
    await waitUntil(() => openSockets() === 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
