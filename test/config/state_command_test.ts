import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { stateCommand } from "../../src/config/state_command.ts";

const PLACE = { topic: "visits", windowLog: "w" };

test("stateCommand() says all that names a state", () => {
  const kafka = { brokers: ["a:1", "b:2"], group: "g", securityFile: null };
  assert.equal(
    stateCommand("reset", { ...PLACE, kafka }),
    "sessionmill state reset --from kafka:visits --brokers a:1,b:2 --group g --window-log w",
  );
});

test("stateCommand() is taken by a shell as it is meant", () => {
  const kafka = {
    brokers: ["a:1"],
    group: `it's "$HOME"`,
    securityFile: "my secrets.yaml",
  };
  const command = stateCommand("verify", { ...PLACE, kafka });
  const shown = execFileSync("sh", [
    "-c",
    command.replace(/^sessionmill/, "printf '%s\\n'"),
  ]);
  assert.deepEqual(String(shown).trimEnd().split("\n"), [
    ...["state", "verify", "--from", "kafka:visits", "--brokers", "a:1"],
    ...["--kafka-config", "my secrets.yaml", "--group", `it's "$HOME"`],
    ...["--window-log", "w"],
  ]);
});
