import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { runInProcess } from "../cli/fake_world.ts";

const ROOT = join(import.meta.dirname, "../..");
const OWN_IMAGE = "sessionmill";

interface Service {
  readonly image: string;
  readonly command?: string | string[];
  readonly entrypoint?: readonly string[];
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly depends_on?: Readonly<Record<string, unknown>>;
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
    .replace("node /app/dist/src/launch.js", "printf '%s\\n'");
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
  assert.ok(script!.includes("/app/dist/src/launch.js"));
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
