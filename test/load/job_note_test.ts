import assert from "node:assert/strict";
import { test } from "node:test";
import { seriesOf } from "../../src/latency/histogram_series.ts";
import { jobNote } from "../../src/load/job_note.ts";
import { LatencyHistogram } from "../../src/observe/latency.ts";

const RATE = { measuredFromMs: 1_000_000, durationMs: 60_000 };

test("a note says of which intervals the job's rows are", () => {
  const processing = seriesOf("job processing", new LatencyHistogram());
  const job = [
    { ...processing, span: { fromMs: 1_003_200, toMs: 1_058_200 } },
    { ...processing, span: { fromMs: 1_003_200, toMs: 1_058_200 } },
  ];
  assert.equal(
    jobNote({ ...RATE, job }),
    "The job counts in whole intervals: its rows are of 55.00 s, from 3.20 s behind the warm-up on, and not of the same 60.00 s.",
  );
  assert.match(jobNote({ ...RATE, job: [] })!, /^The job has no rows: it cou/);
  assert.equal(jobNote({ ...RATE, job: null }), null);
});
