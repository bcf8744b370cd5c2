import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import {
  type LatencySeries,
  plotPoints,
  TABLE_PERCENTILES,
  type Unit,
} from "../../src/latency/latency_series.ts";
import { PercentileText } from "../../src/latency/percentile_text.ts";
import { readLatencyFile } from "../../src/latency/read_latency_file.ts";
import type { TimeRange } from "../../src/latency/time_range.ts";
import { HistogramFiles } from "../../src/observe/histogram_files.ts";
import { LatencyHistogram } from "../../src/observe/latency.ts";

const FOLDER = new URL("../fixtures/latency/", import.meta.url).pathname;

interface Expected {
  readonly count: number;
  readonly maxMs: number;
  readonly percentilesMs: readonly number[];
}

const EXPECTED: Readonly<Record<string, Expected>> = JSON.parse(
  await readFile(join(FOLDER, "expected.json"), "utf8"),
);

function read(
  name: string,
  options: { range?: TimeRange; unit?: Unit } = {},
): Promise<LatencySeries[]> {
  return readLatencyFile(join(FOLDER, name), { ...options, warn: assert.fail });
}

function assertAsJava(series: LatencySeries | undefined, name: string): void {
  const { count, maxMs, percentilesMs } = EXPECTED[name]!;
  assert.equal(series?.count, count);
  assertClose(series.maxMs, maxMs);
  TABLE_PERCENTILES.forEach((percentile, i) => {
    assertClose(series.percentileMs(percentile), percentilesMs[i]!);
  });
}

function assertClose(actual: number, expected: number): void {
  const error = Math.abs(actual - expected);
  assert.ok(error <= 1e-9 * expected, `${actual}, expected ${expected}`);
}

function assertNeverAboveMax(series: LatencySeries): void {
  for (let percentile = 0; percentile <= 100; percentile += 0.01) {
    assert.ok(series.percentileMs(percentile) <= series.maxMs);
  }
  const points = plotPoints(series);
  for (const [i, [percentile, ms]] of points.entries()) {
    assert.ok(ms <= series.maxMs && percentile < 100);
    assert.ok(i === 0 || points[i - 1]![1] <= ms);
  }
}

test("a log of Java's HdrHistogram says what Java says, each tag for itself", async () => {
  const [untagged, reads, ...others] = await read("java_nanos.hlog");
  assert.deepEqual(others, []);
  assert.ok(reads?.name.endsWith("java_nanos.hlog reads"));
  assertAsJava(untagged, "java_nanos.hlog");
  assertAsJava(reads, "java_nanos.hlog reads");
  assertNeverAboveMax(untagged!);
  assert.deepEqual(untagged?.unit, { unit: "ns", by: "assumed" });
  assert.equal(untagged?.span?.fromMs, Date.UTC(2024, 5, 1, 10));
});

test("a part of a log, by seconds and by instants, is what Java makes of it", async () => {
  const seconds: TimeRange = {
    from: { kind: "behind-start", seconds: 2 },
    to: { kind: "behind-start", seconds: 4 },
  };
  const instants: TimeRange = {
    from: { kind: "instant", ms: Date.UTC(2024, 5, 1, 10, 0, 2) },
    to: { kind: "instant", ms: Date.UTC(2024, 5, 1, 10, 0, 4) },
  };
  for (const range of [seconds, instants]) {
    const [untagged] = await read("java_nanos.hlog", { range });
    assertAsJava(untagged, "java_nanos.hlog 2 to 4");
  }
});

test("a log without a base time, in microseconds, needs its unit alone", async () => {
  const [series] = await read("java_micros.hlog", { unit: "us" });
  assertAsJava(series, "java_micros.hlog");
  assert.equal(series?.span?.toMs, Date.UTC(2024, 5, 1, 10, 0, 3));
});

test("YCSB's logs are in microseconds, as they say", async () => {
  for (const name of ["ycsb_READ.hdr", "ycsb_UPDATE.hdr"]) {
    const [series] = await read(name);
    assertAsJava(series, name);
    assert.deepEqual(series?.unit, { unit: "us", by: "file" });
  }
});

test("a percentile distribution has the percentiles of its rows, in any unit and as CSV", async () => {
  const java = EXPECTED["java_nanos.hlog"]!;
  for (const [name, unit] of [
    ["java_millis.hgrm", undefined],
    ["java_millis.csv", undefined],
    ["java_micros.hgrm", "us"],
  ] as const) {
    const [series] = await read(name, unit === undefined ? {} : { unit });
    assert.equal(series?.count, java.count);
    // Rows have three decimals of their unit.
    const half = unit === "us" ? 0.5e-6 : 0.5e-3;
    const isNear = (ms: number, right: number) =>
      Math.abs(ms - right) <= half * 1.001;
    assert.ok(isNear(series.percentileMs(50), java.percentilesMs[0]!), name);
    assert.ok(isNear(series.percentileMs(90), java.percentilesMs[1]!), name);
    assert.ok(isNear(series.maxMs, java.maxMs), name);
    // p99 is no row of it: the next one is.
    assert.ok(series.percentileMs(99) >= java.percentilesMs[2]! - half, name);
    assertNeverAboveMax(series);
  }
});

test("the output of wrk2 has two distributions, the maximum below the end of its bucket", async () => {
  const all = await read("wrk2_u_latency.txt");
  assert.equal(all.length, 2);
  const [recorded, uncorrected] = all as [LatencySeries, LatencySeries];
  assert.ok(recorded.name.endsWith(" Recorded"));
  assert.ok(uncorrected.name.endsWith(" Uncorrected"));
  assert.equal(recorded.count, 39_500);
  assertClose(recorded.percentileMs(50), 8.615);
  assertClose(recorded.percentileMs(90), 11.775);
  assertClose(recorded.percentileMs(99), 1276.927);
  assertClose(recorded.maxMs, 1416.192);
  assertClose(recorded.percentileMs(99.99), 1416.192);
  assertClose(uncorrected.percentileMs(50), 3.015);
  assertNeverAboveMax(recorded);
});

test("a percentile distribution has the mean that it says, in its unit", () => {
  const meanOf = (mean: string, unit: Unit | null = null) => {
    const text = new PercentileText({ name: "a.hgrm", unit });
    const rows = ["Value Percentile TotalCount 1/(1-Percentile)", "4.0 1.0 2"];
    const max = "#[Max     =        4.000, Total count    =            2]";
    for (const line of [...rows, mean, max]) text.line(line);
    return text.series()[0]!.meanMs;
  };
  const mean = "#[Mean    =        2.699, StdDeviation   =       10.502]";
  assert.equal(meanOf(mean), 2.699);
  assert.equal(meanOf(mean, "s"), 2699);
  assert.equal(meanOf("#[Mean    =          NaN, StdDeviation = NaN]"), null);
  assert.equal(meanOf(""), null);
});

test("a distribution of nothing has no percentiles", async () => {
  const [series] = await read("java_empty.hgrm");
  assert.equal(series?.count, 0);
  assert.ok(Number.isNaN(series.percentileMs(50)));
  assert.ok(Number.isNaN(series.maxMs));
});

test("our own files say the same in both forms, in microseconds", async () => {
  const folder = await mkdtemp(join(tmpdir(), "latency-"));
  const closing = new LatencyHistogram();
  const files = await HistogramFiles.open(folder, {
    histograms: { closing },
    mayReplace: false,
    clock: WALL_CLOCK,
  });
  await files.begin();
  for (let i = 1; i <= 5000; i++) closing.record(i / 10);
  await files.close();
  const { p50Ms, p99Ms, maxMs } = closing.percentiles();
  const warn = assert.fail;
  const [log] = await readLatencyFile(join(folder, "closing.hlog"), { warn });
  const [text] = await readLatencyFile(join(folder, "closing.hgrm"), { warn });
  assert.deepEqual(log?.unit, { unit: "us", by: "file" });
  for (const series of [log, text]) {
    assert.equal(series?.count, 5000);
    assertClose(series.percentileMs(50), p50Ms);
    assert.ok(Math.abs(series.percentileMs(99) / p99Ms - 1) < 0.002);
    assert.ok(Math.abs(series.maxMs / maxMs - 1) < 0.001);
  }
});

test("a reading ends with its signal, for stdin may have no end", async () => {
  const signal = AbortSignal.abort();
  const path = join(FOLDER, "java_nanos.hlog");
  await assert.rejects(readLatencyFile(path, { warn: assert.fail, signal }), {
    name: "WorldError",
    message: `Cannot read latencies of "${path}": stopped before its end`,
  });
});

test("a line that is being written is left out, and told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "latency-"));
  const whole = await readFile(join(FOLDER, "java_micros.hlog"), "utf8");
  const path = join(folder, "cut.hlog");
  await writeFile(path, whole.slice(0, -20));
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  const [series] = await readLatencyFile(path, { warn });
  assert.equal(series?.count, (EXPECTED["java_micros.hlog"]!.count * 2) / 3);
  assert.match(warnings.join(), /ends within line 5, which is left out/);
});

test("a log that ends within its first interval has no whole one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "latency-"));
  const whole = await readFile(join(FOLDER, "java_micros.hlog"), "utf8");
  const path = join(folder, "torn.hlog");
  const intervalAt = whole.search(/^[\d.]+,/m);
  for (const bytes of [1, 8, 30, 200]) {
    await writeFile(path, whole.slice(0, intervalAt + bytes));
    await assert.rejects(readLatencyFile(path, { warn: () => {} }), {
      name: "WorldError",
      message: `Cannot read latencies of "${path}": it has no whole interval`,
    });
  }
});

test("a long log is summed up in bounded memory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "latency-"));
  const path = join(folder, "long.hlog");
  await copyFile(join(FOLDER, "java_nanos.hlog"), path);
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  const intervals = lines.slice(5).join("\n");
  const repeats = 200;
  await writeFile(path, `${lines.slice(0, 5).join("\n")}\n`);
  for (let i = 0; i < repeats; i++) {
    await writeFile(path, `${intervals}\n`, { flag: "a" });
  }
  const before = process.memoryUsage().rss;
  const [series] = await readLatencyFile(path, { warn: assert.fail });
  const grownMb = (process.memoryUsage().rss - before) / 1e6;
  assert.equal(series?.count, repeats * EXPECTED["java_nanos.hlog"]!.count);
  assert.ok(grownMb < 150, `${grownMb} MB more`);
});
