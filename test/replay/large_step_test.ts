import assert from "node:assert/strict";
import { test } from "node:test";
import { replay, WORKER_COUNTS } from "../support/replay_run.ts";

const PAGES = 3000;
const LATE_VISITS = 40;

/** A session of many pages that fires, and is fired again by late visits. */
function manyFirings(): string {
  const visit = (page: string) =>
    JSON.stringify({
      visit_id: "a",
      event_time: "2024-06-01T00:00:00Z",
      page,
    });
  const early = Array.from({ length: PAGES }, (_, i) => visit(`page ${i}`));
  const late = Array.from({ length: LATE_VISITS }, (_, i) =>
    visit(`late ${i}`),
  );
  const watermark = '{"watermark": "2024-06-01T00:12:00Z"}';
  return [...early, watermark, ...late].join("\n");
}

for (const workers of WORKER_COUNTS) {
  test(`a step puts out many megabytes, with ${workers} workers`, async () => {
    const lines = await replay(manyFirings(), { workers });
    assert.equal(lines.length, 1 + LATE_VISITS);
    for (const [firing, line] of lines.entries()) {
      const { session } = JSON.parse(line);
      const pages = session.visited_pages[0];
      assert.equal(pages.length, PAGES + firing);
      const last = firing === 0 ? `page ${PAGES - 1}` : `late ${firing - 1}`;
      assert.equal(pages.at(-1).page, last);
    }
  });
}
