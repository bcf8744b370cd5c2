import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { parse } from "yaml";
import { MadeView, madeState } from "../admin/made_view.ts";
import { servedAdmin } from "../admin/served_admin.ts";
import { runInProcess } from "../cli/fake_world.ts";
import { waitUntil } from "../support/wait_until.ts";

const ROOT = join(import.meta.dirname, "../..");
const OWN_IMAGE = "sessionmill";

interface Service {
  readonly image: string;
  readonly command?: string | string[];
  readonly entrypoint?: readonly string[];
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly restart?: string;
  readonly mem_limit?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

function readServices(): Record<string, Service> {
  const text = readFileSync(join(ROOT, "docker/compose.yaml"), "utf8");
  return parse(text, { merge: true }).services;
}

test("compose.yaml: our services run commands that exist, with their flags", async () => {
  const own = Object.values(readServices()).filter(
    ({ image }) => image === OWN_IMAGE,
  );
  assert.equal(own.length, 2);
  for (const { command } of own) {
    const argv = [...String(command).split(" "), "--print-config"];
    const { exitCode, stdout, stderr } = await runInProcess(argv);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /kafka:19092/);
  }
});

test("compose.yaml: each processor has a name of its own in the group", async () => {
  const { entrypoint, command } = readServices().processor!;
  const [shell, flags, script, name] = entrypoint!;
  // Compose makes one dollar of two, and does not look at the name.
  const text = script!
    .replaceAll("$$", "$")
    .replace("node /app/dist/src/launch.cjs", "printf '%s\\n'");
  const words = String(command).split(" ");
  const argv = execFileSync(shell!, [flags!, text, name!, ...words], {
    env: { HOSTNAME: "f00ba4" },
    encoding: "utf8",
  });
  const { stdout } = await runInProcess([
    ...argv.trimEnd().split("\n"),
    "--print-config",
  ]);
  assert.match(stdout, /^instance: f00ba4 +# --instance$/m);
  assert.ok(script!.includes("/app/dist/src/launch.cjs"));
});

test("compose.yaml: what runs on is limited, and comes back after a failure", () => {
  const services = readServices();
  for (const name of ["kafka", "generator", "processor"]) {
    const { restart, mem_limit } = services[name]!;
    assert.equal(restart, "unless-stopped");
    assert.match(mem_limit!, /^\dg$/);
  }
  const { volumes, environment } = services.kafka!;
  assert.equal(volumes![0], `kafka-data:${environment!.KAFKA_LOG_DIRS}`);
  assert.ok(Number(environment!.KAFKA_LOG_RETENTION_HOURS) > 0);
});

test("compose.yaml: a processor is healthy when its own /readyz says so", async (t) => {
  const { healthcheck, command, ports } = readServices().processor!;
  const [kind, node, flag, script] = healthcheck!.test;
  assert.deepEqual([kind, node, flag], ["CMD", "node", "-e"]);
  const [admin] = /--admin \S+:(\d+)/.exec(String(command))!.slice(1);
  assert.ok(ports![0]!.endsWith(`:${admin}`));
  assert.ok(script!.includes(`http://127.0.0.1:${admin}/readyz`));
  const view = new MadeView();
  const { url, ask } = await servedAdmin(t, view);
  const here = script!.replace(`http://127.0.0.1:${admin}`, url);
  const exitCode = async () =>
    await new Promise((resolve) => {
      spawn(process.execPath, [flag!, here]).on("exit", resolve);
    });
  await waitUntil(async () => (await ask("/readyz")).status === 200);
  assert.equal(await exitCode(), 0);
  view.now = madeState({ isReady: false, phase: "restoring" });
  await waitUntil(async () => (await ask("/readyz")).status !== 200);
  assert.equal(await exitCode(), 1);
});

test("compose.yaml: builds from a file that is there and waits for known services", () => {
  const services = readServices();
  for (const { build, depends_on = {} } of Object.values(services)) {
    for (const name of Object.keys(depends_on)) assert.ok(name in services);
    if (build === undefined) continue;
    const context = join(ROOT, "docker", build.context);
    assert.ok(existsSync(join(context, build.dockerfile)));
  }
});

test("Dockerfile: copies what is there and runs what the package runs", () => {
  const text = readFileSync(join(ROOT, "docker/Dockerfile"), "utf8");
  const copies = text.matchAll(/^COPY (?!--from)(.+) \S+$/gm);
  const copied = [...copies].flatMap(([, paths]) => paths!.split(" "));
  assert.ok(copied.includes("package.json"));
  for (const path of copied) assert.ok(existsSync(join(ROOT, path)), path);
  const manifest = readFileSync(join(ROOT, "package.json"), "utf8");
  const { bin } = JSON.parse(manifest);
  assert.ok(text.includes(`ENTRYPOINT ["node", "/app/${bin.sessionmill}"]`));
});
