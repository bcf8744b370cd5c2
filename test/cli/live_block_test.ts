import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { MAIN } from "./child_process.ts";

const ENDLESS = [
  "run",
  "--from",
  "generator",
  "--to",
  "null",
  "--workers",
  "1",
];
const ESC = "\u001b";
/** A sequence that a terminal obeys, or one character. */
const PIECE = new RegExp(`${ESC}\\[(\\d*)([A-Za-z])|[\\s\\S]`, "gu");

/** What a run is to say before it gets Ctrl-C, and where it runs. */
interface Watch {
  readonly until: RegExp;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What `sessionmill` writes to a pseudo-terminal of 80 columns, to its end. */
async function onTerminal(
  argv: readonly string[],
  { until, environment }: Watch,
): Promise<string> {
  const command = [process.execPath, MAIN, ...argv].join(" ");
  const line = `stty cols 80 rows 24 -echo; ${command}`;
  const child = spawn("script", ["-qec", line, "/dev/null"], {
    env: { PATH: process.env.PATH, TERM: "xterm-256color", ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  let output = "";
  let isStopped = false;
  const give = setTimeout(() => child.kill("SIGKILL"), 60_000);
  for await (const bytes of child.stdout) {
    output += bytes;
    if (isStopped || !until.test(output)) continue;
    isStopped = true;
    child.stdin.write("\u0003");
  }
  clearTimeout(give);
  await exit;
  assert.match(output, until);
  return output;
}

/** The lines that are to be seen when all of it is written. */
function screenOf(output: string): string[] {
  const lines = [""];
  let row = 0;
  let column = 0;
  for (const [piece, count, letter] of output.matchAll(PIECE)) {
    const line = lines[row]!;
    if (letter === "A") row -= Number(count || 1);
    else if (letter === "K") lines[row] = line.slice(0, column);
    else if (letter === "J") lines.splice(row, Infinity, line.slice(0, column));
    else if (letter !== undefined)
      assert.equal(letter, "m", JSON.stringify(piece));
    else if (piece === "\r") column = 0;
    else if (piece === "\n") lines[++row] ??= "";
    else {
      lines[row] = line.slice(0, column) + piece + line.slice(column + 1);
      column++;
    }
    assert.ok(row >= 0, "nothing above the first line is touched");
  }
  return lines;
}

test("a run on a terminal has a block of lines, and leaves nothing of it", async () => {
  const block =
    /visits[^\n]*\n[^\n]*watermark[^\n]*\n[^\n]*latency[^\n]*\n[^\n]*sessions/;
  const output = await onTerminal(ENDLESS, { until: block });
  assert.ok(output.includes(`${ESC}[2m`));
  const screen = screenOf(output);
  assert.match(screen[0]!, /info {2}run begins/);
  assert.match(screen[1]!, /info {2}stopped by SIGINT$/);
  assert.match(screen[2]!, / visits in /, screen.join("\n"));
  assert.deepEqual(
    screen.filter((line) => /^(visits|watermark|latency) /.test(line)),
    [],
  );
  assert.equal(screen.at(-1), "");
  // The cursor was never hidden, so nobody need show it again.
  assert.ok(!output.includes("[?25"));
});

test("NO_COLOR takes the colours, and nothing else", async () => {
  const environment = { NO_COLOR: "1" };
  const until = /sessions +[\d,]+\/s/;
  const output = await onTerminal(ENDLESS, { until, environment });
  assert.ok(output.includes(`${ESC}[K`));
  assert.ok(!new RegExp(`${ESC}\\[\\d*m`).test(output));
});

test("a dumb terminal, and --progress plain, have lines of the log", async () => {
  const until = /info {2}[\d,]+ visits\/s, [\d,]+ sessions\/s, /;
  const dumb = { until, environment: { TERM: "dumb" } };
  assert.ok(!(await onTerminal(ENDLESS, dumb)).includes(ESC));
  const plain = [...ENDLESS, "--progress", "plain"];
  assert.ok(!(await onTerminal(plain, { until })).includes(ESC));
});

test("--progress bar tells why it cannot be drawn", async () => {
  const shared = [
    "generate",
    "--to",
    "-",
    "--rate",
    "1/s",
    "--progress",
    "bar",
  ];
  const until = /warn .*the data goes to the same terminal; plain lines/;
  assert.ok(!(await onTerminal(shared, { until })).includes(ESC));
});
