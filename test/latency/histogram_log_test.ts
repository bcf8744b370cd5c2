import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { build, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import { readLatencyFile } from "../../src/latency/read_latency_file.ts";
import { runInProcess } from "../cli/fake_world.ts";

const START = "#[StartTime: 1717236000.500 (seconds since epoch)]";
const LEGEND =
  '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"';
const ESCAPE = String.fromCharCode(27);

const folder = await mkdtemp(join(tmpdir(), "histogram-log-"));
after(() => rm(folder, { recursive: true }));

/** Some ns, packed. */
function packed(
  values: readonly number[],
  { digits = 3, lowest = 1 } = {},
): string {
  const histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: lowest,
    highestTrackableValue: 1e13,
    numberOfSignificantValueDigits: digits as 1 | 2 | 3,
  });
  for (const value of values) histogram.recordValue(value);
  return encodeIntoCompressedBase64(histogram);
}

const ROW = `1.0,${packed([1e6, 2e6])}`;

async function fileOf(lines: readonly string[]): Promise<string> {
  const path = join(folder, "some.hlog");
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

async function read(lines: readonly string[]) {
  return await readLatencyFile(await fileOf(lines), { warn: assert.fail });
}

async function faultOf(lines: readonly string[]): Promise<string> {
  const error = await read(lines).then(
    () => assert.fail("it was read"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error);
  return error.message.replace(folder, "");
}

test("intervals of negative times count: they begin before the start, or the base", async () => {
  const rows = ["-2.000,1.000,", "-1,1,", "Tag=,-0.5,+1.,", "0.000,1.000,"];
  const lines = [START, LEGEND, ...rows.map((row) => row + ROW)];
  const [first, ...others] = await read(lines);
  assert.deepEqual(others, []);
  assert.equal(first?.count, 8);
  assert.equal(first.span?.fromMs, 1_717_235_998_500);
  assert.equal(first.span.toMs, 1_717_236_001_500);
  const base = "#[BaseTime: 1717236010.000 (seconds since epoch)]";
  const [based] = await read([START, base, `-9.5,1.000,${ROW}`]);
  assert.equal(based?.span?.fromMs, 1_717_236_000_500);
});

test("what others write into a log is read: comments, legends, exponents, a mark, CR", async () => {
  const [tagged, ...others] = await read([
    "\ufeff#[Logged with jHiccup version 2.0.10]\r",
    "# anything",
    "#[Histogram log format version 1.3]\r",
    "#[StartTime: 1.7172360005E9 (seconds since epoch), Sat Jun 01 2024]",
    `${LEGEND}\r`,
    "",
    `  Tag=a, 1e-1 1.0E0,${ROW}  `,
    "   # between",
    '"StartTimestamp","EndTimestamp"',
    `Tag=a,1.1,1.0,${ROW}\r`,
    "#[end]",
  ]);
  assert.deepEqual(others, []);
  assert.ok(tagged !== undefined);
  assert.ok(tagged.name.endsWith("some.hlog a"));
  assert.equal(tagged.count, 4);
  assert.equal(tagged.span?.fromMs, 1_717_236_000_600);
});

const STRANGE = [
  "hello world",
  "0.5,1.0,2.5",
  `NaN,1.0,${ROW}`,
  `"0,5","1,0",${ROW}`,
  `0,500,1,000,${ROW}`,
  `Tag=a b,0.5,1.0,${ROW}`,
];

test("a row that is no interval is named, wherever it stands", async () => {
  const good = [START, LEGEND, `0.0,1.0,${ROW}`, `1.0,1.0,${ROW}`];
  assert.equal((await read(good))[0]?.count, 4);
  for (const strange of STRANGE) {
    for (const at of [0, 1, 2, 3, 4]) {
      assert.equal(
        await faultOf(good.toSpliced(at, 0, strange)),
        `Cannot read latencies of "/some.hlog": line ${at + 1}: expected an interval such as "0.000,1.000,2.5,HIST…", or a comment`,
      );
    }
    const without = [`0.0,1.0,${ROW}`, `1.0,1.0,${ROW}`];
    assert.match(await faultOf([strange, ...without]), /: line 1: expected an/);
  }
});

test("times that are too large for seconds are named with what would be right", async () => {
  const row = `0.0,1.0,${ROW}`;
  const cases: [string[], string][] = [
    [
      ["# made", "#[StartTime: 1717236000500 (seconds since epoch)]", row],
      "line 2: its StartTime 1717236000500 is too large for seconds, expected 1717236000.500 if these are milliseconds",
    ],
    [
      [START, "#[BaseTime: 1717236000500000]", row],
      "line 2: its BaseTime 1717236000500000 is too large for seconds, expected 1717236000.500 if these are microseconds",
    ],
    [
      ["#[StartTime: 1717236000500000000 ns]", row],
      "line 1: its StartTime 1717236000500000000 is too large for seconds, expected 1717236000.500 if these are nanoseconds",
    ],
    [
      [row, `1717236000500,1.0,${ROW}`],
      "line 2: its start 1717236000500 is too large for seconds, expected 1717236000.500 if these are milliseconds",
    ],
    [
      [`0.0,1e300,${ROW}`],
      "line 1: its length 1e300 is too large for seconds, expected one such as 1717236000.000",
    ],
  ];
  for (const [lines, fault] of cases) {
    const sentence = `Cannot read latencies of "/some.hlog": ${fault}`;
    assert.equal(await faultOf(lines), sentence);
    const args = ["latency", "--json", await fileOf(lines)];
    const { stderr, exitCode } = await runInProcess(args);
    assert.equal(stderr.replace(folder, ""), `${sentence}\n`);
    assert.equal(exitCode, 1);
  }
});

test("tags are UTF-8, and nothing of them moves the cursor or spoils a plot", async () => {
  const tags = ["Ünï☃", `${ESCAPE}[31mred`, "a\u202eb"];
  const path = await fileOf(tags.map((tag) => `Tag=${tag},0.0,1.0,${ROW}`));
  const plot = join(folder, "plot.svg");
  const shown = await runInProcess(["latency", path, "--plot", plot]);
  const json = await runInProcess(["latency", path, "--json"]);
  const texts = [shown.stdout, shown.stderr, await readFile(plot, "utf8")];
  for (const text of texts) {
    assert.doesNotMatch(text.replaceAll("\n", ""), /\p{C}/u);
    assert.ok(text.includes("Ünï☃"));
    assert.ok(text.includes("?[31mred"));
    assert.ok(text.includes("a?b"));
  }
  const names = JSON.parse(json.stdout).map((each: { name: string }) =>
    each.name.slice(path.length + 1),
  );
  assert.deepEqual(names.sort(), tags.toSorted());
});

test("a sum of histograms of any precision is never below what was recorded", async () => {
  const forms = [
    { digits: 3 },
    { digits: 1 },
    { digits: 2, lowest: 1000 },
    { digits: 3, lowest: 4096 },
  ];
  for (const first of forms) {
    for (const second of forms) {
      const [sum] = await read([
        `0.0,1.0,1.0,${packed([1e6, 2e6], first)}`,
        `1.0,1.0,1.0,${packed([3e6, 4e12], second)}`,
      ]);
      const name = JSON.stringify([first, second]);
      assert.equal(sum?.count, 4, name);
      const [p25, p50, p75] = [25, 50, 75].map((at) => sum.percentileMs(at));
      for (const [ms, right] of [
        [p25!, 1],
        [p50!, 2],
        [p75!, 3],
        [sum.maxMs, 4e6],
      ] as const) {
        assert.ok(ms >= right && ms < right * 1.1, `${name}: ${ms}, ${right}`);
      }
    }
  }
  const [alone] = await read([`0.0,1.0,1.0,${packed([4e12], { digits: 1 })}`]);
  const [behind] = await read([
    `0.0,1.0,1.0,${packed([1e6])}`,
    `1.0,1.0,1.0,${packed([4e12], { digits: 1 })}`,
  ]);
  assert.equal(behind?.maxMs, alone?.maxMs);
});
