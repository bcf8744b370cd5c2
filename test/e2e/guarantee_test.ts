import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lastForms, type SessionForm } from "../reference/last_forms.ts";
import { testKafka } from "../support/test_kafka.ts";
import { Command, jobArguments, jobOutcome } from "./command.ts";
import { produce, testClient, visitJson } from "./produce.ts";
import { formsOfLines, formsOfTopic } from "./session_forms.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-guarantee-"));
after(() => rmSync(folder, { recursive: true }));
const { brokers, newTopic } = await testKafka();

const VISITORS = 30;
const PARTITIONS = 2;

/** A job that goes on where the one before it has ended. */
class Job {
  readonly visits: string;
  readonly group: string;
  readonly #flags: readonly string[];
  #sent = 0;

  constructor(visits: string, flags: readonly string[]) {
    this.visits = visits;
    this.group = `group-of-${visits}`;
    this.#flags = flags;
  }

  static async begin(flags: readonly string[]): Promise<Job> {
    const visits = await newTopic("visits", { partitions: PARTITIONS });
    return new Job(visits, flags);
  }

  start(...more: readonly string[]): Command {
    return new Command(
      jobArguments([
        ...["--brokers", brokers, "--from", `kafka:${this.visits}`],
        ...["--group", this.group, "--instance", "one", "--gap", "10m"],
        ...["--idle-timeout", "0"],
        ...[...this.#flags, ...more],
      ]),
    );
  }

  /** A visit of each visitor, in the partition of the visitor. */
  async visit(minute: number): Promise<void> {
    const messages = Array.from({ length: VISITORS }, (_, i) => ({
      partition: i % PARTITIONS,
      value: visitJson(`v${i}`, { minute, page: `page ${minute}` }),
    }));
    this.#sent += messages.length;
    await produce(brokers, { topic: this.visits, messages });
  }

  /** A visit of somebody else, late enough for all sessions to close. */
  async close(): Promise<void> {
    const messages = Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      value: visitJson(`last ${partition}`, { minute: 24 * 60 }),
    }));
    this.#sent += messages.length;
    await produce(brokers, { topic: this.visits, messages });
  }

  /** Resolves when all that was sent is committed. */
  async committed(command: Command): Promise<void> {
    const admin = testClient(brokers).admin();
    await admin.connect();
    try {
      await command.until(async () => {
        const { visits: topic, group: groupId } = this;
        const options = { groupId, topics: [topic] };
        const [of] = await admin.fetchOffsets(options).catch(() => []);
        const offsets = of?.partitions.map(({ offset }) => Number(offset));
        const sum = offsets?.reduce((all, each) => all + Math.max(0, each), 0);
        return sum === this.#sent;
      });
    } finally {
      await admin.disconnect();
    }
  }
}

/** Every session has all pages of its visitor, once each. */
function assertWhole(forms: readonly SessionForm[], minutes: number): void {
  const last = lastForms(forms).filter(({ value }) => !value.includes("last"));
  assert.equal(last.length, VISITORS);
  for (const { value } of last) {
    for (let minute = 0; minute < minutes; minute++) {
      const parts = value.split(`"page ${minute}"`);
      assert.equal(parts.length, 2, `page ${minute} in ${value}`);
    }
  }
}

test("run: exactly once, a window outlives a kill, a stop and another number of workers", async () => {
  const sessions = await newTopic("sessions", { partitions: 2 });
  const job = await Job.begin([
    ...["--guarantee", "exactly-once", "--to", `kafka:${sessions}`],
  ]);
  const first = job.start("--workers", "1");
  await job.visit(0);
  await job.committed(first);
  first.kill("SIGKILL");
  await first.gone();
  const second = job.start("--workers", "2");
  await job.visit(1);
  await job.committed(second);
  second.kill("SIGTERM");
  const { summary } = jobOutcome(await second.ended());
  assert.equal(summary.outcome, "stopped");
  assert.equal(summary.restoredVisits, VISITORS);
  assert.equal(summary.visitsIn, VISITORS);
  assert.equal(summary.inOpenWindows, 2 * VISITORS);
  const third = job.start("--workers", "1");
  await job.visit(2);
  await job.close();
  await job.committed(third);
  await third.until(
    async () => (await formsOfTopic(brokers, sessions)).length >= VISITORS,
  );
  third.kill("SIGTERM");
  jobOutcome(await third.ended());
  const forms = await formsOfTopic(brokers, sessions);
  // Not one of them twice, nor in parts.
  assert.equal(forms.length, VISITORS);
  assertWhole(forms, 3);
});

/** Kills a job that promises at least once, and reads what is there at its end. */
async function atLeastOnce(
  flags: readonly string[],
  read: () => Promise<SessionForm[]>,
): Promise<void> {
  const job = await Job.begin(["--guarantee", "at-least-once", ...flags]);
  const first = job.start();
  await job.visit(0);
  await job.visit(1);
  await job.committed(first);
  first.kill("SIGKILL");
  await first.gone();
  const second = job.start();
  await job.visit(2);
  await job.close();
  await job.committed(second);
  await second.until(async () => (await read()).length >= VISITORS);
  second.kill("SIGTERM");
  jobOutcome(await second.ended());
  assertWhole(await read(), 3);
}

test("run: at least once, sessions in a file have all visits after a kill", async () => {
  const path = join(folder, "sessions.jsonl");
  await atLeastOnce(["--to", `file:${path}`, "--with-metadata"], async () =>
    formsOfLines(await readFile(path, "utf8")),
  );
});

test("run: at least once, sessions in a topic have all visits after a kill", async () => {
  const sessions = await newTopic("sessions", { partitions: 2 });
  await atLeastOnce(["--to", `kafka:${sessions}`], () =>
    formsOfTopic(brokers, sessions),
  );
});

test("run: windows of other rules are refused, with a way out", async () => {
  const job = await Job.begin(["--guarantee", "at-least-once", "--to", "null"]);
  const first = job.start();
  await job.visit(0);
  await job.committed(first);
  first.kill("SIGTERM");
  jobOutcome(await first.ended());
  const { exitCode, stderr } = await job.start("--gap", "5m").ended();
  assert.equal(exitCode, 1);
  assert.match(stderr, /--gap was 10m and is 5m now/);
  assert.match(
    stderr,
    /sessionmill state reset --from kafka:visits-\S+ --brokers \S+ --group group-of-visits/,
  );
});
