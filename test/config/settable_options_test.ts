import assert from "node:assert/strict";
import { test } from "node:test";
import { LATENCY_OPTIONS } from "../../src/config/latency_options.ts";
import { resolveOptions } from "../../src/config/resolve_options.ts";
import { resolveRun, type Settings } from "./support.ts";

test("resolveOptions() says in a file which options belong on the command line", () => {
  for (const [key, flag] of Object.entries({
    ...{ json: "--json", limit: "--limit", "latency-from": "--from" },
    ...{ "print-config": "--print-config", config: "--config", pid: "--pid" },
  })) {
    assertFails(
      { file: { [key]: "1" } },
      `Cannot read config "x.yaml": "${key}" is no option of a config file: ${flag} belongs on the command line`,
    );
  }
});

test("resolveOptions() refuses in a file what the command that it is for would", () => {
  const file = { from: "10", "visits-to": "null", "admin-url": "a:1" };
  const resolve = (entries: Record<string, string>) =>
    resolveOptions(LATENCY_OPTIONS, {
      ...{ flags: {}, environment: {}, presets: null },
      file: { path: "x.yaml", entries, written: {} },
    });
  assert.throws(() => resolve(file), {
    name: "UsageError",
    message:
      'Cannot read config "x.yaml": from must be "generator", "-", "file:PATH" or "kafka:TOPIC", got "10"',
  });
  assert.equal(resolve({ ...file, from: "-" }).values["latency-from"], null);
});

test("resolveOptions() refuses variables of what only a flag can say", () => {
  for (const [name, flag] of Object.entries({
    ...{ JSON: "--json", FROM_BEGINNING: "--from-beginning", PIDS: "--pid" },
    ...{ LATENCY_TO: "--to", PRINT_CONFIG: "--print-config" },
  })) {
    assertFails(
      { environment: { [`SESSIONMILL_${name}`]: "1" } },
      `Cannot read the environment: SESSIONMILL_${name} is no option there: ${flag} belongs on the command line`,
    );
  }
  const environment = { SESSIONMILL_JSON: "", SESSIONMILL_CONFIG: "x.yaml" };
  assert.equal(resolveRun({ environment }).values.config, "x.yaml");
});

function assertFails(settings: Settings, message: string): void {
  assert.throws(() => resolveRun(settings), { name: "UsageError", message });
}
