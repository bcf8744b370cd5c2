import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { MAIN } from "../cli/child_process.ts";

const VISITS = `{"visit_id": "a", "event_time": "2024-06-01T00:00:00.500Z"}
{"visit_id": "a", "event_time": "2024-06-01T00:01:00.501Z", "page": "é"}
{"watermark": "2024-06-01T00:02:00.500Z"}
`;

const FLAGS = ["--generation-time", "2024-08-14T03:03:41.035179"];

test("replay prints the seed's bytes for a file", async () => {
  const { code, stdout, stderr } = await runReplay(VISITS, [
    ...FLAGS,
    ...["--workers", "2", "--gap", "1m", "--allowed-lateness", "0s"],
    ...["--time-precision", "ms"],
  ]);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const sessions = [
    { page: null, eventTime: "2024-06-01T00:00:00.500Z" },
    { page: "\\u00e9", eventTime: "2024-06-01T00:01:00.501Z" },
  ];
  assert.equal(stdout, sessions.map(sessionLine).join(""));
});

test("replay orders pages by time when asked", async () => {
  const visits = `{"visit_id":"dst","event_time":"2024-10-27T02:55:00+02:00"}
{"visit_id":"dst","event_time":"2024-10-27T02:02:00+01:00"}
{"visit_id":"same","event_time":"2024-03-01T00:00:00.0009Z","page":"2"}
{"visit_id":"same","event_time":"2024-03-01T00:00:00Z","page":"1"}
{"visit_id":"same","event_time":"2024-03-01T01:00:00.00090+01:00","page":"3"}
{"watermark": 9223372036854775807}
`;
  const times = async (flags: readonly string[]) => {
    const { stdout } = await runReplay(visits, flags);
    const lines = stdout.trimEnd().split("\n");
    return lines.map((line) => {
      const { start_time, end_time, visited_pages } = JSON.parse(line).session;
      const pages = visited_pages[0].map((it: { page: string }) => it.page);
      return [start_time, end_time, pages.join("")];
    });
  };
  const summer = "2024-10-27T02:55:00+02:00";
  const winter = "2024-10-27T02:02:00+01:00";
  const first = "2024-03-01T00:00:00Z";
  const other = "2024-03-01T00:00:00.0009Z";
  const last = "2024-03-01T01:00:00.00090+01:00";
  assert.deepEqual(await times(["--page-order", "time"]), [
    [first, last, "123"],
    [summer, winter, ""],
  ]);
  assert.deepEqual(await times([]), [
    [other, last, "213"],
    [winter, summer, ""],
  ]);
});

test("replay adds the metadata as a last member when asked", async () => {
  const { stdout } = await runReplay(VISITS, [...FLAGS, "--with-metadata"]);
  assert.equal(stdout, "");
  const closed = await runReplay(`${VISITS}{"watermark": 1e17}`, [
    "--with-metadata",
  ]);
  const metadata =
    '"metadata": {"session-id": "0-0", "revision": "0", "final": "true", ' +
    '"close-reason": "end-of-input"}}}\n';
  assert.ok(closed.stdout.endsWith(metadata), closed.stdout);
});

test("replay exits with 1 and the line number of a bad control line", async () => {
  const { code, stderr } = await runReplay(`${VISITS}{"watermark": "now"}`, []);
  assert.equal(code, 1);
  assert.match(stderr, /^.*line 4.*\n$/);
});

test("replay exits with 1 for a file that is not there", async () => {
  const { code, stderr } = await run(["replay", "/no/such/file"]);
  assert.equal(code, 1);
  assert.match(stderr, /^.*\/no\/such\/file.*\n$/);
});

test("replay exits with 2 for a bad flag", async () => {
  const { code } = await runReplay(VISITS, ["--time-precision", "h"]);
  assert.equal(code, 2);
});

const REFUSED: Readonly<Record<string, string>> = {
  "--max-skew":
    "--max-skew compares with a record's own time, and lines have none",
  "--out-of-orderness":
    "--out-of-orderness does nothing here, it needs watermarks that follow " +
    'the visits, as in "sessionmill run": here they are lines of the file',
};

for (const [flag, message] of Object.entries(REFUSED)) {
  test(`replay refuses ${flag}, which only a run has a use for`, async () => {
    const { code, stdout, stderr } = await runReplay(VISITS, [flag, "1m"]);
    assert.equal(stderr, `Cannot replay: ${message}\n`);
    assert.equal(stdout, "");
    assert.equal(code, 2);
  });
}

test("replay takes the file of a run, but for --max-skew", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-replay-"));
  try {
    const path = join(folder, "run.yaml");
    await writeFile(path, "out-of-orderness: 1m\n");
    const flags = ["--config", path];
    assert.equal((await run(["replay", "-", ...flags], VISITS)).code, 0);
    await writeFile(path, "max-skew: 1m\n");
    const { code, stderr } = await run(["replay", "-", ...flags], VISITS);
    assert.match(stderr, /^Cannot replay: --max-skew compares/);
    assert.equal(code, 2);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("replay takes file:PATH, as the options of a run do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-replay-"));
  try {
    const path = join(folder, "visits.jsonl");
    await writeFile(path, VISITS);
    const flags = [...FLAGS, "--gap", "1m"];
    const named = await run(["replay", `file:${path}`, ...flags]);
    assert.equal(named.code, 0);
    assert.deepEqual(named, await run(["replay", path, ...flags]));
  } finally {
    await rm(folder, { recursive: true });
  }
});

const CLOSING =
  'a last line {"watermark": 9223372036854775807} closes all sessions';

test("replay says what it has read when no session comes out", async () => {
  const [visit] = VISITS.split("\n");
  const cases: readonly [string, string][] = [
    [
      `${visit}\n`.repeat(1_200),
      `no session came out: 1,200 records and no watermark were read, and the end fires nothing; ${CLOSING}`,
    ],
    [
      VISITS,
      `no session came out: 2 records and 1 watermark were read, none of which passed the end of a session; ${CLOSING}`,
    ],
    [
      '{"watermark": 1}\n{"watermark": 2}\n',
      "no session came out: 0 records and 2 watermarks were read, none of",
    ],
    ["", "the input is empty: no record came"],
  ];
  for (const [input, said] of cases) {
    const { code, stdout, stderr } = await runReplay(input, FLAGS);
    assert.equal(stdout, "");
    assert.equal(code, 0);
    assert.match(stderr, /^[\d:]{8} warn {2}.*\n$/);
    assert.ok(stderr.includes(said), stderr);
  }
});

test("replay of what is no visit fails and says why, as a run does", async () => {
  const wrong = "visit_id,event_time\na,2024-06-01\n";
  const { code, stdout, stderr } = await runReplay(wrong, FLAGS);
  assert.equal(code, 1);
  assert.match(stdout, /^(\{"rejected": .*\}\n){2}$/);
  assert.match(
    stderr,
    /^Cannot make sessions of file:.*: none of its 2 records is a visit \(not_json 2\), it looks like CSV.*; --allow-empty takes that for success\n$/,
  );
  for (const [input, flags] of [
    [wrong, ["--allow-empty"]],
    // Who wrote a watermark wants to see what is rejected.
    [`${wrong}{"watermark": 1}\n`, []],
    ["", ["--allow-empty"]],
  ] as const) {
    const allowed = await runReplay(input, flags);
    assert.equal(allowed.stderr, "");
    assert.equal(allowed.code, 0);
  }
});

test("replay reads stdin", async () => {
  const flags = [...FLAGS, "--gap", "1m"];
  const { code, stdout } = await run(["replay", "-", ...flags], VISITS);
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).session.visited_pages[0].length, 2);
});

function sessionLine(page: {
  readonly page: string | null;
  readonly eventTime: string;
}): string {
  const { eventTime } = page;
  const name = page.page === null ? "null" : `"${page.page}"`;
  return (
    `{"session": {"visit_id": "a", "start_time": "${eventTime}", ` +
    `"end_time": "${eventTime}", "visited_pages": [[{"page": ${name}, ` +
    `"event_time": "${eventTime}"}]], "user_id": [null], ` +
    `"data_processing_context": {` +
    `"generation_time": "2024-08-14T03:03:41.035179", ` +
    `"watermark": "2024-06-01T00:02:00.500000+00:00"}}}\n`
  );
}

interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function runReplay(
  input: string,
  flags: readonly string[],
): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-replay-"));
  try {
    const path = join(folder, "visits.jsonl");
    await writeFile(path, input);
    return await run(["replay", path, ...flags]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function run(args: readonly string[], stdin = ""): Promise<RunResult> {
  const child = spawn(process.execPath, [MAIN, ...args]);
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}
