import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeReport, encodeReport } from "../../src/wire/report_codec.ts";
import { decodeTask } from "../../src/wire/task_codec.ts";
import { plainTask } from "../support/plain_task.ts";
import { reportFields } from "../support/report_fields.ts";

const WRAP = 2 ** 32;

test("tasks and reports are counted beyond 32 bits", () => {
  for (const sequence of [WRAP - 1, WRAP, WRAP + 1, Number.MAX_SAFE_INTEGER]) {
    const { envelope } = plainTask({ sequence });
    assert.equal(decodeTask(envelope).sequence(), sequence);
    const fields = { ...reportFields(), sequence, appliedSequence: sequence };
    const report = decodeReport(encodeReport(fields));
    assert.equal(report.sequence(), sequence);
    assert.equal(report.appliedSequence(), sequence);
  }
});
