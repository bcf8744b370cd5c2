import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { HistogramLogReader } from "hdr-histogram-js";
import { WALL_CLOCK } from "../../src/clock.ts";
import { TABLE_PERCENTILES } from "../../src/latency/latency_series.ts";
import { readLatencyFile } from "../../src/latency/read_latency_file.ts";
import { HistogramFiles } from "../../src/observe/histogram_files.ts";
import { LatencyHistogram } from "../../src/observe/latency.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-histograms-"));
after(() => rmSync(folder, { recursive: true }));

test("HistogramFiles writes a .hgrm in ms that plotters read", async () => {
  await writeHistogramFiles(join(folder, "new"), { processing: latencies() });
  const text = readFileSync(join(folder, "new", "processing.hgrm"), "utf8");
  const lines = text.trimEnd().split("\n");
  assert.match(
    lines[0]!,
    /^ +Value +Percentile +TotalCount 1\/\(1-Percentile\)$/,
  );
  const rows = lines.filter((line) => /^ +\d/.test(line));
  const first = rows[0]!.trim().split(/ +/).map(Number);
  const last = rows.at(-1)!.trim().split(/ +/).map(Number);
  assert.deepEqual(first, [1, 0, 1, 1]);
  assert.equal(last[1], 1);
  assert.equal(last[2], 1000);
  assert.ok(Math.abs(last[0]! - 1000) < 1);
  assert.match(text, /^#\[Mean +=/m);
});

test("HistogramFiles writes a .hlog that its reader reads back", async () => {
  await writeHistogramFiles(folder, { closing: latencies() });
  const text = readFileSync(join(folder, "closing.hlog"), "utf8");
  assert.doesNotMatch(text, /\n\n/);
  assert.match(text, /^#\[Histogram log format version 1\.3\]$/m);
  assert.match(text, /^#\[StartTime: \d+\.\d{3} \(seconds since epoch\), /m);
  const read = new HistogramLogReader(text).nextIntervalHistogram()!;
  assert.equal(read.totalCount, 1000);
  assert.equal(
    read.getValueAtPercentile(99),
    latencies().histogram.getValueAtPercentile(99),
  );
});

test("HistogramFiles writes empty histograms as well", async () => {
  await writeHistogramFiles(folder, { empty: new LatencyHistogram() });
  const text = readFileSync(join(folder, "empty.hgrm"), "utf8");
  assert.match(text, /Total count += {2,}0\]/);
});

test("HistogramFiles replaces files only when it may", async () => {
  const to = join(folder, "twice");
  await writeHistogramFiles(to, { processing: latencies() });
  const written = readFileSync(join(to, "processing.hlog"), "utf8");
  await assert.rejects(writeHistogramFiles(to, { processing: latencies() }), {
    name: "UsageError",
    message: `Cannot write histograms to "${to}": it has a processing.hlog, take another folder or let --overwrite replace it`,
  });
  assert.equal(readFileSync(join(to, "processing.hlog"), "utf8"), written);
  await writeHistogramFiles(to, { closing: latencies() });
  await writeHistogramFiles(to, { processing: new LatencyHistogram() }, true);
  assert.notEqual(readFileSync(join(to, "processing.hlog"), "utf8"), written);
});

test("HistogramFiles replaces none that another run has begun meanwhile", async () => {
  const to = join(folder, "shared");
  const options = {
    ...{ histograms: { processing: latencies() } },
    ...{ mayReplace: false, clock: WALL_CLOCK },
  };
  const [one, other] = [
    await HistogramFiles.open(to, options),
    await HistogramFiles.open(to, options),
  ];
  await one.begin();
  const path = join(to, "processing.hlog");
  const begun = readFileSync(path, "utf8");
  await assert.rejects(other.begin(), {
    name: "WorldError",
    message: `Cannot write histograms to "${to}": a file is in its place`,
  });
  await other.close();
  assert.equal(readFileSync(path, "utf8"), begun);
  assert.ok(!existsSync(join(to, "processing.hgrm")));
  await one.close();
});

test("HistogramFiles leaves files as they are until it begins", async () => {
  const to = join(folder, "kept");
  await writeHistogramFiles(to, { processing: latencies() });
  const paths = ["processing.hlog", "processing.hgrm"].map((each) =>
    join(to, each),
  );
  const texts = () => paths.map((path) => readFileSync(path, "utf8"));
  const before = texts();
  const files = await HistogramFiles.open(to, {
    ...{ histograms: { processing: new LatencyHistogram() } },
    ...{ mayReplace: true, clock: WALL_CLOCK },
  });
  files.tick();
  await files.close();
  assert.deepEqual(texts(), before);
});

test("HistogramFiles finds before it begins what it cannot write", async () => {
  const to = join(folder, "odd");
  mkdirSync(join(to, "closing.hgrm"), { recursive: true });
  const histograms = { closing: new LatencyHistogram() };
  const options = { histograms, clock: WALL_CLOCK, mayReplace: true };
  await assert.rejects(HistogramFiles.open(to, options), {
    name: "WorldError",
    message: /": it is a folder, not a file$/,
  });
});

test("HistogramFiles says when the folder cannot be written", async () => {
  const path = join(folder, "file");
  writeFileSync(path, "");
  await assert.rejects(writeHistogramFiles(join(path, "x"), {}), {
    name: "WorldError",
    message:
      /^Cannot write histograms to ".*file\/x": a folder of its path is a file$/,
  });
  await assert.rejects(writeHistogramFiles(path, {}), {
    name: "WorldError",
    message: /^Cannot write histograms to ".*file": a file is in its place$/,
  });
});

test("HistogramFiles writes what came since the last interval, a line each", async () => {
  const processing = new LatencyHistogram();
  const files = await HistogramFiles.open(folder, {
    histograms: { processing },
    clock: WALL_CLOCK,
    mayReplace: false,
  });
  await files.begin();
  processing.record(3, 7);
  files.tick();
  await sleep(1100);
  files.tick();
  processing.record(5, 2);
  await files.close();
  const reader = new HistogramLogReader(
    readFileSync(join(folder, "processing.hlog"), "utf8"),
  );
  const first = reader.nextIntervalHistogram()!;
  assert.equal(first.totalCount, 7);
  assert.ok(first.endTimeStampMsec - first.startTimeStampMsec >= 1000);
  assert.equal(reader.nextIntervalHistogram()!.totalCount, 2);
  assert.equal(reader.nextIntervalHistogram(), null);
  assert.equal(processing.count, 9);
});

async function writeHistogramFiles(
  to: string,
  histograms: Readonly<Record<string, LatencyHistogram>>,
  mayReplace = false,
): Promise<void> {
  const files = await HistogramFiles.open(to, {
    histograms,
    clock: WALL_CLOCK,
    mayReplace,
  });
  await files.begin();
  await files.close();
}

function latencies(): LatencyHistogram {
  const latency = new LatencyHistogram();
  for (let ms = 1; ms <= 1000; ms++) latency.record(ms);
  return latency;
}

test("HistogramFiles says where no folder can be made, and waits for none", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const refusals = [
    ["/proc/sessionmill", 'no folder can be made in "/proc"'],
    ["/proc/sessionmill/a", 'no folder can be made in "/proc"'],
    [file, "a file is in its place"],
    [join(file, "a", "b"), "a folder of its path is a file"],
  ];
  for (const [path, reason] of refusals) {
    await assert.rejects(writeHistogramFiles(path!, { closing: latencies() }), {
      name: "WorldError",
      message: `Cannot write histograms to "${path}": ${reason}`,
    });
  }
});

test("HistogramFiles writes a .hgrm with the percentiles of its .hlog", async () => {
  // The format has rows of 98.906 and 99.063 %, between which these differ.
  const rising = new LatencyHistogram();
  rising.record(10, 98_800);
  for (let ms = 1; ms <= 1_200; ms++) rising.record(10 + ms);
  const target = join(folder, "told");
  await writeHistogramFiles(target, { closing: rising });
  const read = async (name: string) => {
    const path = join(target, name);
    const [series] = await readLatencyFile(path, { warn: assert.fail });
    return TABLE_PERCENTILES.map((percentile) =>
      Math.round(series!.percentileMs(percentile)),
    );
  };
  const expected = [10, 10, 210, 1110, 1200, 1209];
  assert.deepEqual(await read("closing.hlog"), expected);
  assert.deepEqual(await read("closing.hgrm"), expected);
});
