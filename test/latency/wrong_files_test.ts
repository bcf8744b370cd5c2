import assert from "node:assert/strict";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { UsageError, WorldError } from "../../src/errors.ts";
import { readLatencyFile } from "../../src/latency/read_latency_file.ts";
import type { TimeRange } from "../../src/latency/time_range.ts";

const FOLDER = new URL("../fixtures/latency/", import.meta.url).pathname;

/** What is wrong with a file of these lines. */
async function faultOf(text: string, range?: TimeRange): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "latency-"));
  const path = join(folder, "bad.hlog");
  await writeFile(path, text, "latin1");
  const options = range === undefined ? {} : { range };
  const reading = readLatencyFile(path, { ...options, warn: assert.fail });
  const error = await reading.then(
    () => assert.fail("it was read"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WorldError || error instanceof UsageError);
  return error.message.replace(path, "PATH");
}

test("bad files are told with the line", async () => {
  const log = await readFile(join(FOLDER, "ycsb_READ.hdr"), "latin1");
  const lines = log.split("\n");
  const at = (line: number, text: string) =>
    lines.with(line - 1, text).join("\n");
  const doubles = await readFile(join(FOLDER, "java_doubles.hlog"), "latin1");
  const hgrm = await readFile(join(FOLDER, "java_millis.hgrm"), "latin1");
  const rows = hgrm.split("\n");
  const faults = [
    await faultOf(at(7, "0.1,1.0,x")),
    await faultOf(at(7, "0.1,1.0,0.1,HISTnonsense")),
    await faultOf(at(7, lines[6]!.slice(0, -12))),
    await faultOf(doubles),
    await faultOf(rows.toSpliced(20, 0, "and so on").join("\n")),
    await faultOf(rows.toSpliced(20, 0, rows[5]!).join("\n")),
    await faultOf(rows.slice(0, 20).join("\n")),
    await faultOf(hgrm.replace(/= +12000]/, "= 12001]")),
  ];
  const starts = [
    "line 7: expected an interval",
    "line 7: its histogram cannot be read",
    "line 7: its histogram cannot be read",
    "line 2: it holds a histogram of doubles",
    "line 21: expected a row of value, percentile and count",
    "line 21: a value, percentile or count is less than in the line before",
    "line 20: the distribution is cut",
    `line ${rows.length - 2}: the rows count 12000 values`,
  ];
  for (const [i, start] of starts.entries()) {
    const sentence = `Cannot read latencies of "PATH": ${start}`;
    assert.equal(faults[i]?.slice(0, sentence.length), sentence);
  }
});

test("what is no histogram, or asks for too much, is told and not read on", async () => {
  assert.match(await faultOf(""), /it has no latencies, expected a log/);
  assert.match(await faultOf("a\nb\n"), /it has no latencies, expected a log/);
  const summary = "[READ], 99thPercentileLatency(us), 3\n";
  assert.match(await faultOf(summary), /YCSB's summary/);
  const range: TimeRange = {
    from: { kind: "behind-start", seconds: 60 },
    to: null,
  };
  const log = await readFile(join(FOLDER, "ycsb_READ.hdr"), "latin1");
  assert.match(await faultOf(log, range), /no interval begins between/);
  const hgrm = await readFile(join(FOLDER, "java_millis.hgrm"), "latin1");
  assert.match(await faultOf(hgrm, range), /--from and --to need a log/);
  await assert.rejects(
    readLatencyFile(FOLDER, { warn: assert.fail }),
    /it is a folder, not a file/,
  );
});

test("a histogram that unpacks to more than any has is refused", async () => {
  const bomb = deflateSync(Buffer.alloc(200 * 1024 * 1024));
  const head = Buffer.alloc(8);
  head.writeInt32BE(0x1c849314, 0);
  head.writeInt32BE(bomb.length, 4);
  const text = Buffer.concat([head, bomb]).toString("base64");
  const line = `0.0,1.0,1.0,HIST${text.slice(4)}\n`;
  assert.match(await faultOf(line), /line 1: its histogram cannot be read/);
});
