import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../src/clock.ts";
import { AnswerWatch } from "../../src/kafka/answer_watch.ts";
import { brokerOutage } from "../../src/kafka/outage.ts";

/** A clock that is moved by hand. */
class HandClock implements Clock {
  #nowMs = 0;
  readonly #ticks = new Set<{ intervalMs: number; work: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  every(intervalMs: number, work: () => void): () => void {
    const tick = { intervalMs, work };
    this.#ticks.add(tick);
    return () => this.#ticks.delete(tick);
  }

  async turn(): Promise<void> {}

  get isIdle(): boolean {
    return this.#ticks.size === 0;
  }

  pass(ms: number): void {
    for (const endMs = this.#nowMs + ms; this.#nowMs < endMs; ) {
      this.#nowMs += 50;
      for (const { intervalMs, work } of [...this.#ticks]) {
        if (this.#nowMs % intervalMs === 0) work();
      }
    }
  }
}

function newOutage() {
  const clock = new HandClock();
  const lines: string[] = [];
  const warn = (text: string) => lines.push(text);
  const outage = brokerOutage(["b:9092"], { clock, warn });
  return { clock, lines, outage };
}

test("Outage: one line when it goes, one when it is back, whoever was in trouble", () => {
  const { clock, lines, outage } = newOutage();
  outage.trouble("reading", { reason: "refused" });
  clock.pass(200);
  outage.trouble("writing", { reason: "closed", waits: () => "7 things wait" });
  clock.pass(800);
  assert.deepEqual(lines, [
    "Kafka at b:9092 does not answer: refused; 7 things wait",
  ]);
  clock.pass(4_000);
  outage.well("writing");
  clock.pass(3_000);
  assert.equal(lines.length, 1, "one part still is in trouble");
  outage.well("reading");
  clock.pass(5_000);
  assert.deepEqual(lines.slice(1), [
    "Kafka at b:9092 answers again, after 8.00 s",
  ]);
  assert.ok(clock.isIdle);
});

test("Outage: what lasts is told again, calmly, with the time", () => {
  const { clock, lines, outage } = newOutage();
  outage.trouble("reading", { reason: "refused" });
  clock.pass(300_000);
  assert.deepEqual(
    lines.map((line) => /for (\d+) s/.exec(line)?.[1]),
    [undefined, "16", "46", "106", "226"],
  );
});

test("Outage: what ends within a second is no news", () => {
  const { clock, lines, outage } = newOutage();
  outage.trouble("reading", { reason: "refused" });
  clock.pass(900);
  outage.well("reading");
  clock.pass(10_000);
  assert.deepEqual(lines, []);
  assert.equal(outage.isOn, false);
  assert.equal(outage.wasOnWithin(60_000), true);
  assert.equal(outage.wasOnWithin(5_000), false);
});

test("Outage: a trouble that comes again at once is the same story", () => {
  const { clock, lines, outage } = newOutage();
  for (let round = 0; round < 3; round++) {
    outage.trouble("reading", { reason: "refused" });
    clock.pass(1_500);
    outage.well("reading");
    clock.pass(1_000);
  }
  clock.pass(2_000);
  assert.equal(lines.length, 2, lines.join("\n"));
  assert.match(lines[1]!, /answers again, after 6\.50 s/);
});

test("Outage: the story does not wait for a slow part, nor begin anew for it", () => {
  const { clock, lines, outage } = newOutage();
  const slow = { reason: "no coordinator", isSlow: true };
  outage.trouble("reading", { reason: "refused" });
  outage.trouble("group", slow);
  clock.pass(2_000);
  outage.well("reading");
  for (let i = 0; i < 20; i++) {
    clock.pass(500);
    outage.trouble("group", slow);
  }
  outage.well("group");
  assert.deepEqual(lines.slice(1), [
    "Kafka at b:9092 answers again, after 2.00 s",
  ]);
  // Alone it has a story of its own.
  outage.trouble("group", slow);
  clock.pass(2_000);
  outage.well("group");
  clock.pass(3_000);
  assert.equal(lines.length, 4);
});

test("Outage: an end in trouble is not told as a return", () => {
  const { clock, lines, outage } = newOutage();
  outage.trouble("reading", { reason: "refused" });
  clock.pass(2_000);
  outage.leave("reading");
  clock.pass(5_000);
  assert.equal(lines.length, 1);
  assert.ok(clock.isIdle);
});

test("Outage: a run that begins again goes on with the story", () => {
  const { clock, lines, outage } = newOutage();
  outage.trouble("reading", { reason: "refused" });
  clock.pass(2_000);
  outage.leave("reading");
  clock.pass(500);
  assert.ok(outage.isNews);
  outage.trouble("group", { reason: "refused" });
  clock.pass(3_000);
  assert.equal(lines.length, 1);
  outage.leave("group");
  outage.well("reading");
  clock.pass(3_000);
  assert.equal(lines[1], "Kafka at b:9092 answers again, after 5.50 s");
  assert.ok(clock.isIdle);
});

test("Outage: what goes wrong long after an end in trouble is another story", () => {
  const { clock, lines, outage } = newOutage();
  outage.trouble("reading", { reason: "refused" });
  clock.pass(2_000);
  outage.leave("reading");
  clock.pass(10_000);
  assert.ok(!outage.isOn);
  outage.well("reading");
  outage.trouble("reading", { reason: "closed" });
  clock.pass(1_000);
  assert.equal(lines[1], "Kafka at b:9092 does not answer: closed");
});

test("AnswerWatch: a request without an answer is trouble within 5 s", () => {
  const { clock, lines, outage } = newOutage();
  const watch = new AnswerWatch({ brokers: outage, part: "fetches", clock });
  for (let i = 0; i < 20; i++) {
    const answered = watch.request();
    clock.pass(250);
    answered();
  }
  assert.deepEqual(lines, []);
  const first = watch.request();
  const second = watch.request();
  clock.pass(5_000);
  assert.match(lines[0]!, /does not answer: no answer within 3 s$/);
  first();
  clock.pass(3_000);
  assert.equal(lines.length, 1, "the second is not answered yet");
  second();
  clock.pass(3_000);
  assert.match(lines[1]!, /answers again/);
  watch.close();
  assert.ok(clock.isIdle);
});
