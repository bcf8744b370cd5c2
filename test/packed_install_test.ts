import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import { OLD_NODE } from "./cli/child_process.ts";

const ROOT = join(import.meta.dirname, "..");
const VISIT_COUNT = 2_000;

const execute = promisify(execFile);

/** Runs a command with this project's Node first on the path. */
async function run(
  folder: string,
  command: string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const bin = join(ROOT, "node_modules", ".bin");
  const path = `${bin}${delimiter}${process.env.PATH}`;
  const [program, ...args] = command;
  const { stdout } = await execute(program!, args, {
    cwd: folder,
    env: { ...process.env, PATH: path, ...environment },
  });
  return stdout;
}

/** Packs the project and installs the package in `folder`. */
async function installPacked(folder: string): Promise<string> {
  const pack = ["npm", "pack", "--silent", "--pack-destination", folder];
  const lines = (await run(ROOT, pack)).trim().split("\n");
  const flags = ["--prefer-offline", "--no-audit", "--no-fund"];
  await run(folder, ["npm", "init", "-y"]);
  await run(folder, ["npm", "install", ...flags, `./${lines.at(-1)}`]);
  return join(folder, "node_modules", ".bin", "sessionmill");
}

/** A program in TypeScript that uses the installed package. */
const LIBRARY_USER = `
import { stdout } from "node:process";
import {
  generate,
  replay,
  type ReplayOptions,
  run,
  type RunConfig,
  type RunSummary,
  UsageError,
  WorldError,
} from "sessionmill";

const options: ReplayOptions = {
  input: "steps.jsonl",
  workers: 1,
  window: {
    gapMs: 600_000,
    outOfOrdernessMs: 0,
    allowedLatenessMs: 0,
    timePrecision: "s",
    pageOrder: "text",
    maxSkewMs: null,
  },
  maxRecordBytes: 1_000_000,
  withMetadata: false,
  generationTime: null,
  output: stdout,
};
await replay(options);
try {
  await replay({ ...options, input: "missing.jsonl" });
} catch (error) {
  stdout.write(\`\${error instanceof WorldError}\\n\`);
}
export const commands: {
  run: (config: RunConfig, hooks: Parameters<typeof run>[1]) => Promise<RunSummary>;
  generate: typeof generate;
} = { run, generate };
stdout.write(\`\${Object.keys(commands)} \${new UsageError("").name}\\n\`);
`;

/** Checks the types of the package, and calls what it exports. */
async function useLibrary(folder: string): Promise<void> {
  const steps = [
    { visit_id: "a", event_time: "2024-06-01T00:00:00Z" },
    { watermark: "2024-06-02T00:00:00Z" },
  ];
  const text = steps.map((step) => `${JSON.stringify(step)}\n`).join("");
  await writeFile(join(folder, "steps.jsonl"), text);
  await writeFile(join(folder, "user.mts"), LIBRARY_USER);
  const types = join(ROOT, "node_modules", "@types");
  await run(folder, [
    ...[join(ROOT, "node_modules", ".bin", "tsc"), "user.mts"],
    ...["--noEmit", "--strict", "--target", "es2024", "--module", "nodenext"],
    ...["--lib", "es2024,esnext.disposable", "--skipLibCheck"],
    ...["--typeRoots", types, "--types", "node"],
  ]);
  const lines = (await run(folder, ["node", "user.mts"])).trim().split("\n");
  assert.match(lines[0]!, /^\{"session": \{"visit_id": "a"/);
  assert.deepEqual(lines.slice(1), ["true", "run,generate UsageError"]);
}

/** Runs for a few seconds with an admin server; resolves to what it said. */
async function serve(folder: string, sessionmill: string): Promise<string> {
  const flags = ["--from", "generator", "--rate", "100/s", "--count", "500"];
  const stderr = join(folder, "stderr.txt");
  const job = `"$0" run ${flags.join(" ")} --to null --admin 127.0.0.1:0`;
  await run(folder, ["sh", "-c", `${job} 2>"${stderr}"`, sessionmill]);
  return await readFile(stderr, "utf8");
}

/** What the demo says last. */
async function demoAdvice(folder: string, sessionmill: string) {
  const demo = ["sh", "-c", '"$0" 2>&1 | tail -n 1', sessionmill];
  const environment = { TMPDIR: folder, npm_command: "test" };
  return (await run(folder, demo, environment)).trim();
}

interface SessionLine {
  visited_pages: unknown[][];
}

test("package: packed and installed, the command makes sessions of visits", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-packed-"));
  try {
    const sessionmill = await installPacked(folder);
    const manifest = await readFile(join(ROOT, "package.json"), "utf8");
    const { version } = JSON.parse(manifest) as { version: string };
    assert.match(
      await run(folder, [sessionmill, "--version"]),
      RegExp(version),
    );
    assert.match(await run(folder, [sessionmill, "--help"]), /generate/);
    // On the Node that the package brought.
    const old = { NODE_OPTIONS: `--import=${OLD_NODE}` };
    assert.match(
      await run(folder, [sessionmill, "--version"], old),
      RegExp(version),
    );
    const count = ["--count", String(VISIT_COUNT)];
    const quiet = ["--late-percent", "0"];
    const visits = ["--to", "file:visits.jsonl", ...count, ...quiet];
    await run(folder, [sessionmill, "generate", ...visits]);
    const job = ["--from", "file:visits.jsonl", "--to", "file:sessions.jsonl"];
    await run(folder, [sessionmill, "run", ...job, "--workers", "2"]);
    assert.equal(
      await demoAdvice(folder, sessionmill),
      '"sessionmill run --help" shows how to run it for real',
    );
    assert.match(await serve(folder, sessionmill), /admin server at http:/);
    const text = await readFile(join(folder, "sessions.jsonl"), "utf8");
    const lines = text.trim().split("\n");
    const sessions = lines.map((line) => JSON.parse(line) as SessionLine);
    const pages = sessions.map((each) => each.visited_pages[0]?.length ?? 0);
    const total = pages.reduce((sum, each) => sum + each, 0);
    assert.ok(total >= VISIT_COUNT, `${total} pages in the sessions`);
    await useLibrary(folder);
    const modules = join(folder, "node_modules");
    await rename(join(modules, "piscina"), join(modules, "gone"));
    await assert.rejects(run(folder, [sessionmill, "run", ...job]), {
      code: 1,
      stderr: "Cannot start: Cannot find module 'piscina'\n",
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
