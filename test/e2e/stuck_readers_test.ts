import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { MAIN } from "../cli/child_process.ts";
import { waitUntil } from "../support/wait_until.ts";

/** Long enough for more output than a pipe holds. */
const BUSY_MS = 2_500;
const WAITING = /stopping: waiting for the reader of (?:stdout|the output)\n/;

const folder = mkdtempSync(join(tmpdir(), "sessionmill-stuck-"));
const started: ChildProcessByStdio<null, Readable, Readable>[] = [];
after(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});
const broken = join(folder, "broken");
writeFileSync(broken, "no visit at all\n".repeat(500_000));

const COMMANDS = [
  "run --from generator --workers 1 --to - --progress off",
  `replay ${broken} --workers 1`,
  "generate",
];

/** A command whose stdout nobody reads. */
class Stuck {
  stderr = "";
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exit: Promise<unknown[]>;

  constructor(line: string) {
    this.child = spawn(process.execPath, [MAIN, ...line.split(" ")], {
      env: { PATH: process.env.PATH, SESSIONMILL_ADMIN: "off" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    started.push(this.child);
    this.child.stderr.on("data", (text) => {
      this.stderr += text;
    });
    this.#exit = once(this.child, "exit");
  }

  /** Stops it, once it is stuck, and waits for what it says of it. */
  async stop(): Promise<void> {
    await pause(BUSY_MS);
    this.child.kill("SIGTERM");
    await waitUntil(() => WAITING.test(this.stderr));
  }

  async exitCode(): Promise<unknown> {
    const [code] = await this.#exit;
    return code;
  }
}

for (const line of COMMANDS) {
  const [name] = line.split(" ");
  test(`${name}: a stop says that nobody reads the output`, {}, async () => {
    const stuck = new Stuck(line);
    await stuck.stop();
    stuck.child.kill("SIGTERM");
    assert.equal(await stuck.exitCode(), 143);
    assert.match(
      stuck.stderr,
      /\nCannot stop in good order: gave up waiting for the reader of (?:stdout|the output)\n$/,
    );
    assert.equal(stuck.stderr.split("stopping: ").length, 2);
  });
}

test("run: a stop ends well as soon as the output is read", {}, async () => {
  const stuck = new Stuck(COMMANDS[0]!);
  await stuck.stop();
  stuck.child.stdout.resume();
  assert.equal(await stuck.exitCode(), 0);
});

test("run: a stop in vain says for whom it gave up", {}, async () => {
  const stuck = new Stuck(COMMANDS[0]!);
  await stuck.stop();
  assert.equal(await stuck.exitCode(), 1);
  assert.match(
    stuck.stderr,
    /\nCannot stop in time: gave up waiting for the reader of stdout\n$/,
  );
});
