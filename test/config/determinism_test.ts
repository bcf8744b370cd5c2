import assert from "node:assert/strict";
import { test } from "node:test";
import { refuseVainDenial } from "../../src/config/determinism.ts";
import { runConfigOf } from "../../src/config/run_config.ts";
import { resolveRun, runValues } from "./support.ts";

const CASES: readonly (readonly [
  flags: Record<string, string>,
  deterministic: boolean,
])[] = [
  [{ from: "kafka:in" }, false],
  [{ from: "kafka:in", bounded: "true" }, true],
  [{ from: "kafka:in", bounded: "true", live: "true" }, false],
  [{ from: "file:in" }, true],
  [{ from: "file:in", deterministic: "true" }, true],
  [{ from: "file:in", live: "true" }, false],
  [{ from: "-" }, true],
  [{ from: "-", live: "true" }, false],
  [{ from: "generator" }, true],
  [{ from: "generator", live: "true" }, false],
  [{ from: "generator", rate: "5/s" }, false],
  [{ from: "generator", rate: "5/s", deterministic: "true" }, true],
];

for (const [flags, expected] of CASES) {
  const name = Object.entries(flags).flat().join(" ");
  test(`a run is deterministic: ${name}: ${expected}`, async () => {
    const { deterministic } = await runConfigOf(runValues(flags));
    assert.equal(deterministic, expected);
  });
}

const REFUSED: readonly (readonly [Record<string, string>, string])[] = [
  [
    { from: "-", live: "true", deterministic: "true" },
    "--live and --deterministic exclude each other",
  ],
  [
    { from: "kafka:in", deterministic: "true" },
    "--deterministic needs an input that ends, add --bounded; the watermarks " +
      "of an endless topic come as time goes",
  ],
  ...[{ from: "file:in" }, { from: "-", deterministic: "true" }].map(
    (flags) =>
      [
        { ...flags, "max-skew": "1h" },
        "--max-skew compares with a record's own time, and lines have none; " +
          "with --live it compares with the time of day",
      ] as const,
  ),
];

for (const [flags, message] of REFUSED) {
  test(`a run is refused: ${Object.entries(flags).flat().join(" ")}`, async () => {
    await assert.rejects(runConfigOf(runValues(flags)), {
      name: "UsageError",
      message: `Cannot run: ${message}`,
    });
  });
}

test("--no-deterministic is refused where the input makes a run deterministic", () => {
  const deny = (flags: Record<string, string>) => {
    const denied = { ...flags, deterministic: false };
    const { values, origins } = resolveRun({ flags: denied });
    refuseVainDenial(values, origins);
  };
  for (const from of ["file:in", "-", "generator"]) {
    assert.throws(() => deny({ from }), {
      name: "UsageError",
      message: /^Cannot run: --no-deterministic does nothing here, .* --live /,
    });
    deny({ from, live: "true" });
  }
  deny({ from: "kafka:in" });
  deny({ from: "generator", rate: "5/s" });
  const file = { from: "file:in", deterministic: false };
  const { values, origins } = resolveRun({ file });
  refuseVainDenial(values, origins);
});

test("--max-skew goes with records that have a time of their own", async () => {
  for (const flags of [
    { from: "generator", "max-skew": "1h" },
    { from: "kafka:in", bounded: "true", "max-skew": "1h" },
    { from: "-", live: "true", "max-skew": "1h" },
  ]) {
    const { window } = await runConfigOf(runValues(flags));
    assert.equal(window.maxSkewMs, 3_600_000);
  }
});
