import assert from "node:assert/strict";
import { test } from "node:test";
import { runJob } from "./command.ts";

for (const workers of [1, 2]) {
  test(`closing latency is of every session that a visit closed, with ${workers} workers that are full of them`, async () => {
    // A task closes more sessions than a report holds.
    const input = ["--from", "generator", "--count", "40000", "--live"];
    const window = ["--gap", "2s", "--out-of-orderness", "1s"];
    const output = ["--to", "-", "--with-metadata"];
    const { stdout, summary } = await runJob([
      ...["--workers", String(workers)],
      ...[...input, ...window, ...output],
    ]);
    const byEnd = stdout.split('"close-reason": "end-of-input"').length - 1;
    const { sessions, latency } = summary;
    const byVisits = sessions - byEnd;
    assert.ok(byVisits > 10_000, `${byVisits} of ${sessions}`);
    const { count } = latency.closing;
    assert.ok(count >= byVisits, `${count} of ${byVisits} were timed`);
  });
}
