import assert from "node:assert/strict";
import { test } from "node:test";
import { formOfLine, lastForms } from "../reference/last_forms.ts";
import { replayOnAllWorkerCounts } from "../support/replay_run.ts";

const PAGES = 20_000;
const LATE_VISITS = 200;
const START_MS = Date.UTC(2024, 5, 1);

/** A session of many pages that has fired, and many late visits in it. */
function storm(): string[] {
  const visit = (page: string, atMs: number) =>
    JSON.stringify({
      visit_id: "a",
      event_time: new Date(atMs).toISOString(),
      page,
    });
  const endMs = START_MS + 1000 * PAGES + 600_000;
  return [
    ...Array.from({ length: PAGES }, (_, i) =>
      visit(`page ${i}`, START_MS + 1000 * i),
    ),
    JSON.stringify({ watermark: endMs }),
    ...Array.from({ length: LATE_VISITS }, (_, i) =>
      visit(`late ${i}`, START_MS + 50_000 * i),
    ),
    JSON.stringify({ watermark: endMs + 900_000 }),
    visit("too late", START_MS),
  ];
}

test("replay puts out little of a large session that many late visits join", async () => {
  const output = await replayOnAllWorkerCounts(storm().join("\n"), {
    withMetadata: true,
  });
  const bytes = output.reduce((sum, line) => sum + line.length, 0);
  // It was 270 MB. The bound is 32 MiB, and the first and the last form.
  assert.ok(bytes < 38e6, `${bytes} bytes`);
  const late = output.pop()!;
  assert.equal(JSON.parse(late).late.page, "too late");
  const sessions = output.map((line) =>
    JSON.stringify(JSON.parse(line).session),
  );
  const { metadata } = JSON.parse(sessions.at(-1)!);
  assert.equal(metadata["close-reason"], "late-update");
  assert.equal(metadata.final, "true");
  assert.equal(metadata.revision, String(sessions.length - 1));
  const [last, ...others] = lastForms(sessions.map(formOfLine));
  assert.deepEqual(others, []);
  const pages: { page: string }[] = JSON.parse(last!.value).visited_pages[0];
  const names = new Set(pages.map(({ page }) => page));
  assert.equal(pages.length, PAGES + LATE_VISITS);
  assert.equal(names.size, PAGES + LATE_VISITS);
});
