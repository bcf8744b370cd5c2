import assert from "node:assert/strict";
import {
  lastForms,
  normalizedLastForms,
  type SessionForm,
} from "../../reference/last_forms.ts";
import { naiveLastForms } from "../../reference/naive_sessionizer.ts";
import {
  committedRecords,
  formOfRecord,
  openForms,
} from "./committed_output.ts";
import {
  DEAD_LETTERS_TOPIC,
  LATE_TOPIC,
  SESSIONS_TOPIC,
} from "./durable_process.ts";
import type { DurableRun } from "./durable_simulation.ts";
import type { LedgerEntry } from "./ledger.ts";

/** A record as its page, or its garbage, says which one it is. */
const MARK = /\d+\/\d+-\d+/g;

/** What a run is known to have tried. */
export interface CheckedRun {
  readonly sessions: number;
  readonly late: number;
  readonly open: number;
}

/** Checks what a reader of committed records sees, against the ledger. */
export async function checkDurably(run: DurableRun): Promise<CheckedRun> {
  const { kafka, ledger, plan } = run;
  const records = await committedRecords(kafka, SESSIONS_TOPIC);
  const out = records.map(formOfRecord);
  const open = openForms(run);
  const forms = [...out, ...open];
  checkRevisions(forms);
  const sides = {
    late: await valuesOf(run, LATE_TOPIC),
    rejected: await valuesOf(run, DEAD_LETTERS_TOPIC),
  };
  checkFates(run, { forms, ...sides });
  if (plan.isExact && !plan.isMixed && ledger.generation === 1) {
    const visits = ledger.entries.filter(({ record }) => isVisit(record));
    assert.deepEqual(
      normalizedLastForms(forms),
      naiveLastForms(
        visits.map(({ visit }) => visit),
        plan.window.gapMs,
      ),
    );
  }
  const counts = { sessions: out.length, late: sides.late.length };
  return { ...counts, open: open.length };
}

function isVisit({ kind }: LedgerEntry["record"]): boolean {
  return kind !== "garbage";
}

/** None comes twice, and none is missing unless a merge has raised the number. */
function checkRevisions(forms: readonly SessionForm[]): void {
  for (const [id, ofId] of Map.groupBy(forms, (form) => form.id)) {
    let next = 0;
    for (const form of ofId.toSorted((a, b) => a.revision - b.revision)) {
      const { revision, supersedes } = form;
      const isNext = revision === next;
      const isMerge = revision > next && supersedes.length > 0;
      assert.ok(isNext || isMerge, `${id}: ${revision} where ${next} is due`);
      next = revision + 1;
    }
  }
}

async function valuesOf({ kafka }: DurableRun, topic: string) {
  const records = await committedRecords(kafka, topic);
  return records.map(({ value }) => value!.toString());
}

/** Each record of the ledger has one fate, and the right one. */
function checkFates(
  { ledger, plan }: DurableRun,
  fates: {
    readonly forms: readonly SessionForm[];
    readonly late: readonly string[];
    readonly rejected: readonly string[];
  },
): void {
  const inSessions = lastForms(fates.forms).flatMap(
    ({ value }) => value.match(/"page": "[^"]*"/g) ?? [],
  );
  const seen = new Map<string, string>();
  const see = (fate: string, texts: readonly string[]) => {
    for (const mark of texts.flatMap((text) => text.match(MARK) ?? [])) {
      const before = seen.get(mark);
      assert.equal(before, undefined, `${mark} is ${before} and ${fate}`);
      seen.set(mark, fate);
    }
  };
  see("in a session", inSessions);
  see("late", fates.late);
  see("rejected", fates.rejected);
  for (const entry of ledger.entries) {
    const { mark, record, generation } = entry;
    const fate = seen.get(mark);
    // What was not committed of a topic went with it.
    if (fate === undefined && generation < ledger.generation) continue;
    assert.ok(fate !== undefined, `${mark} is lost`);
    assert.equal(fate === "rejected", !isVisit(record), `${mark} is ${fate}`);
    if (fate !== "late") continue;
    const { gapMs, allowedLatenessMs, outOfOrdernessMs } = plan.window;
    const goneMs = record.eventMs + gapMs - 1 + allowedLatenessMs;
    const { partitionMs, allMs } = entry.before;
    const clockMs = plan.idleTimeoutMs === 0 ? partitionMs : allMs;
    const isBeyond = goneMs <= clockMs - outOfOrdernessMs - 1;
    assert.ok(isBeyond, `${mark} is late within the bound`);
  }
  const known = new Set(ledger.entries.map(({ mark }) => mark));
  for (const mark of seen.keys())
    assert.ok(known.has(mark), `what is ${mark}?`);
}
