import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Job,
  jobDifferences,
} from "../../src/checkpoint/job_fingerprint.ts";

const JOB: Job = { gapMs: 600_000, allowedLatenessMs: 0, precision: "s" };

test("Job: the same rules differ in nothing", () => {
  assert.deepEqual(jobDifferences(JOB, { ...JOB }), []);
});

test("Job: each rule that differs is named with both values", () => {
  const other = { gapMs: 300_000, allowedLatenessMs: 1_000, precision: "ms" };
  assert.deepEqual(jobDifferences(JOB, other), [
    "--gap was 10m and is 5m now",
    "--allowed-lateness was 0 and is 1s now",
    "--time-precision was s and is ms now",
  ]);
});
