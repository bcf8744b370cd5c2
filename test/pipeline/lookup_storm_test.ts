import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { runConfigOf } from "../../src/config/run_config.ts";
import { WorldError } from "../../src/errors.ts";
import type { RunView } from "../../src/observe/run_view.ts";
import { runPipeline } from "../../src/pipeline/run_pipeline.ts";
import { runValues } from "../config/support.ts";
import { SILENT_LOG } from "./fake_parts.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-lookups-"));
after(() => rmSync(folder, { recursive: true }));

const OUTPUTS = ["to", "late-to", "dead-letter-to"];
const QUERY = { order: "largest", limit: 100 } as const;

/** Runs 120,000 flawed visits; a hash of what is put out, and the summary. */
async function runOnce(workers: string, onView: (view: RunView) => void) {
  const place = (output: string) => join(folder, `${output}-${workers}`);
  const files = OUTPUTS.map((output) => [output, `file:${place(output)}`]);
  const config = await runConfigOf(
    runValues({
      ...{ from: "generator", count: "120000", workers, "with-metadata": true },
      ...{ gap: "5m", "out-of-orderness": "1m", "allowed-lateness": "2m" },
      ...{ "late-percent": "30", "unprocessable-percent": "2" },
      ...{ ...Object.fromEntries(files), overwrite: true },
    }),
  );
  const { signal } = new AbortController();
  const summary = await runPipeline(config, {
    ...{ signal, log: SILENT_LOG, onView },
  });
  const hash = createHash("sha256");
  for (const output of OUTPUTS) {
    const text = readFileSync(place(output), "utf8");
    const lines = text
      .replaceAll(/"generation_time": "[^"]*"/g, "")
      .split("\n");
    hash.update(`${output}\n${lines.sort().join("\n")}\n`);
  }
  return { hash: hash.digest("hex"), summary };
}

/** Looks up sessions as fast as it can until the run is over. */
async function storm(view: RunView) {
  let ids: readonly string[] = ["nobody"];
  const counts = { found: 0, empty: 0, lists: 0, refused: 0 };
  const refuse = (error: unknown) => {
    assert.ok(error instanceof WorldError, String(error));
    counts.refused++;
  };
  const asked: Promise<void>[] = [];
  const find = async (id: string) => {
    const forms = await view.session(id);
    for (const { visitId, json } of forms) {
      assert.equal(visitId, id);
      assert.equal(JSON.parse(json!).visit_id, id);
    }
    if (forms.length > 0) counts.found++;
    else counts.empty++;
  };
  const list = async () => {
    const sessions = await view.sessions(QUERY);
    assert.deepEqual(
      sessions,
      sessions.toSorted((a, b) => b.bytes - a.bytes),
    );
    if (sessions.length > 0) ids = sessions.map(({ visitId }) => visitId);
    counts.lists++;
  };
  const isRunning = async () => (await view.state()).phase !== "stopping";
  // What waits is answered in its turn: first those that find nothing would be.
  while (counts.found === 0 && (await isRunning())) {
    await list().catch(refuse);
    await find(ids[0]!).catch(refuse);
    await nextTurn();
  }
  while (await isRunning()) {
    for (let i = 0; i < 20; i++) {
      const id = ids[(i * 7) % ids.length]!;
      asked.push(find(id).catch(refuse));
    }
    asked.push(list().catch(refuse));
    await nextTurn();
  }
  await Promise.all(asked);
  await assert.rejects(view.session("a"), WorldError);
  return counts;
}

for (const workers of ["1", "2"]) {
  test(`a storm of look-ups changes nothing of what ${workers} shards put out`, async () => {
    const calm = await runOnce(workers, () => {});
    const { promise, resolve } =
      Promise.withResolvers<Awaited<ReturnType<typeof storm>>>();
    const stormy = await runOnce(workers, (view) => resolve(storm(view)));
    const { found, empty, lists } = await promise;
    assert.ok(found > 100 && lists > 4, `${found} ${empty} ${lists}`);
    assert.equal(stormy.hash, calm.hash);
    const { sessions, late, rejected, inSessions } = calm.summary;
    assert.ok(sessions > 1000 && late > 100 && rejected > 100);
    assert.deepEqual(
      [sessions, late, rejected, inSessions],
      [
        stormy.summary.sessions,
        stormy.summary.late,
        stormy.summary.rejected,
        stormy.summary.inSessions,
      ],
    );
  });
}
