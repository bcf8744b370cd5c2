import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { moduleOf, OLD_NODE } from "./cli/child_process.ts";

const ROOT = join(import.meta.dirname, "..");
const LAUNCH = join(ROOT, "src", "launch.cjs");
const folder = mkdtempSync(join(tmpdir(), "sessionmill-launch-"));
after(() => rmSync(folder, { recursive: true }));

interface LaunchOptions {
  launch?: string;
  isOldNode?: boolean;
}

function launch(argv: string[], options: LaunchOptions = {}) {
  const flags = options.isOldNode === true ? ["--import", OLD_NODE] : [];
  return spawn(
    process.execPath,
    [...flags, options.launch ?? LAUNCH, ...argv],
    { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env.PATH } },
  );
}

async function outcomeOf(child: ReturnType<typeof launch>) {
  const [stdout, stderr, [exitCode, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { stdout, stderr, exitCode, signal };
}

/** A copy of the sources beside which nothing is installed. */
function bareCheckout(): string {
  cpSync(join(ROOT, "src"), join(folder, "src"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  return join(folder, "src", "launch.cjs");
}

test("launch: on an old Node it runs on the Node among the packages", async () => {
  const argv = ["generate", "--count", "3"];
  const { stdout, exitCode } = await outcomeOf(
    launch(argv, { isOldNode: true }),
  );
  assert.equal(exitCode, 0);
  assert.ok(stdout.trim().split("\n").length >= 3, stdout);
});

test("launch: the exit code of that Node is handed on", async () => {
  const { stderr, exitCode } = await outcomeOf(
    launch(["run", "--gapp"], { isOldNode: true }),
  );
  assert.match(stderr, /did you mean "--gap"\n$/);
  assert.equal(exitCode, 2);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`launch: ${signal} reaches that Node, which ends with a summary`, async () => {
    const flags = ["--to", "null", "--workers", "1", "--rate", "20000/s"];
    const broken = ["--unprocessable-percent", "10"];
    const child = launch(["run", "--from", "generator", ...flags, ...broken], {
      isOldNode: true,
    });
    child.stderr.once("data", () => child.kill(signal));
    const { stderr, exitCode } = await outcomeOf(child);
    assert.match(stderr, /visits in .* visits\/s\n {2}in sessions /);
    assert.equal(exitCode, 0);
  });
}

for (const isOldNode of [false, true]) {
  const name = isOldNode ? "old" : "new";
  test(`launch: SIGUSR1 opens no debugger, on a Node that is ${name}`, async () => {
    const argv = ["generate", "--to", "null", "--rate", "1000/s"];
    const child = launch(argv, { isOldNode });
    let said = "";
    child.stderr.on("data", (bytes) => {
      said += bytes;
    });
    // Long enough to be at work; it says nothing then.
    await sleep(1500);
    child.kill("SIGUSR1");
    await sleep(500);
    child.kill("SIGTERM");
    const [exitCode] = await once(child, "exit");
    assert.doesNotMatch(said, /ebugger/);
    assert.match(said, /info {2}stopped by SIGTERM\n/);
    assert.equal(exitCode, 0);
  });
}

test("launch: before npm ci it asks for it, on any Node", async () => {
  const bare = bareCheckout();
  assert.deepEqual(await outcomeOf(launch([], { launch: bare })), {
    stdout: "",
    stderr:
      "Cannot start: packages are missing, run npm ci first, it brings them\n",
    exitCode: 1,
    signal: null,
  });
  assert.deepEqual(
    await outcomeOf(launch([], { launch: bare, isOldNode: true })),
    {
      stdout: "",
      stderr:
        "Cannot start: run npm ci first, it brings the packages and the right Node\n",
      exitCode: 1,
      signal: null,
    },
  );
});

test("npm start: a SIGTERM to npm reaches the job, stdout is data only", async () => {
  const project = join(folder, "project");
  mkdirSync(project);
  for (const name of ["package.json", "src", "workers", "node_modules"]) {
    symlinkSync(join(ROOT, name), join(project, name));
  }
  // As npm ci leaves it.
  await outcomeOf(npm(project, ["run", "prepare", "--silent"]));
  const flags = ["--to", "-", "--rate", "1000/s"];
  const child = npm(project, ["start", "--", "generate", ...flags]);
  child.stdout.once("data", () => child.kill("SIGTERM"));
  const { stdout, stderr, exitCode } = await outcomeOf(child);
  assert.match(stdout.split("\n", 1)[0]!, /^\{"visit_id"/);
  assert.match(stderr, /records in .* records\/s/);
  assert.equal(exitCode, 0);
});

test("npm run prepare: Windows, whose shell has no exec, gets one", async () => {
  const project = join(folder, "windows");
  mkdirSync(join(project, "node_modules", ".bin"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(project, "package.json"));
  const windows = 'Object.defineProperty(process,"platform",{value:"win32"})';
  const { exitCode } = await outcomeOf(
    npm(project, ["run", "prepare"], {
      NODE_OPTIONS: `--import=${moduleOf(`if (process.argv.length === 1) ${windows}`)}`,
    }),
  );
  assert.equal(exitCode, 0);
  const shim = join(project, "node_modules", ".bin", "exec.cmd");
  assert.equal(readFileSync(shim, "utf8"), "@%*\r\n");
});

function npm(
  cwd: string,
  argv: string[],
  environment: Record<string, string> = {},
) {
  const bin = join(ROOT, "node_modules", ".bin");
  // What an npm around this test sets would be taken for the user's wish.
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm|NODE)_/.test(name),
  );
  const env = { ...Object.fromEntries(kept), ...environment };
  return spawn("npm", argv, {
    cwd,
    env: { ...env, PATH: `${bin}:${process.env.PATH}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
