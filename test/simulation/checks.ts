import assert from "node:assert/strict";
import {
  formOfLine,
  lastForms,
  normalizedLastForms,
  type SessionForm,
} from "../reference/last_forms.ts";
import { naiveLastForms } from "../reference/naive_sessionizer.ts";
import type { Plan } from "./plan.ts";
import type { Incarnation } from "./planned_records.ts";
import type { SimulatedRun } from "./simulation.ts";

const MARK = /\d+-\d+#\d+/g;

/** Checks what a run has put out against what it was given. */
export function checkRun(run: SimulatedRun): void {
  const { plan, error, summary, sessions } = run;
  const forms = formsByIncarnation(run);
  for (const each of forms.values()) checkRevisions(each);
  assert.equal(summary.sessions, sessions.acknowledged);
  if (error !== null) {
    assert.ok(plan.fault !== null, String(error));
    const { message } = error as Error;
    assert.equal(message, `the ${plan.fault.part} fails`, message);
    assert.equal(summary.outcome, "failed");
    return;
  }
  assert.equal(summary.outcome, plan.isBounded ? "ended" : "stopped");
  assert.equal(run.source.lent, 0, "chunks were not given back");
  checkConservation(run, forms);
  if (plan.isExact) checkExactness(run, forms);
}

/**
 * The firings, in the order of their writing, by the incarnation in which the
 * visit was read that gives the session its id.
 */
function formsByIncarnation({
  plan,
  sessions,
}: SimulatedRun): Map<number, SessionForm[]> {
  const forms = new Map<number, SessionForm[]>();
  for (const line of sessions.lines) {
    const form = formOfLine(line);
    const marks = marksOf(form.value);
    const opener = marks.find((mark) => mark.startsWith(`${form.id}#`));
    assert.ok(opener !== undefined, `the visit of its id is not in ${line}`);
    const number = incarnationOf(opener);
    const isOne = marks.every((mark) => incarnationOf(mark) === number);
    assert.ok(
      isOne || plan.isMixed,
      `windows of two assignments meet: ${line}`,
    );
    const others = forms.get(number);
    if (others === undefined) forms.set(number, [form]);
    else others.push(form);
  }
  return forms;
}

function checkRevisions(forms: readonly SessionForm[]): void {
  const last = new Map<string, number>();
  for (const { id, revision } of forms) {
    const before = last.get(id) ?? -1;
    assert.ok(revision > before, `${id}: ${revision} follows ${before}`);
    last.set(id, revision);
  }
}

/** Each record has one fate; those without a trace are the ones counted so. */
function checkConservation(
  { plan, source, late, deadLetters, summary }: SimulatedRun,
  forms: ReadonlyMap<number, readonly SessionForm[]>,
): void {
  const seen = new Set<string>();
  const see = (texts: Iterable<string>) => {
    for (const mark of marksOf([...texts].join(" "))) {
      assert.ok(!seen.has(mark), `${mark} has two fates`);
      seen.add(mark);
    }
  };
  const last = [...forms.values()].flatMap((each) => lastForms(each));
  const lasting = last.filter((form) => !isSwallowed(form, last));
  see(lasting.map((form) => form.value));
  see(late.values);
  see(deadLetters.values);
  const read = source.incarnations.flatMap((each) => [...each.read.keys()]);
  const unseen = read.filter((mark) => !seen.has(mark)).length;
  assert.equal(seen.size + unseen, read.length, "more came out than went in");
  assert.equal(summary.visitsIn, read.length);
  assert.equal(unseen, summary.inOpenWindows + summary.dropped);
  if (!plan.isBounded) return;
  // What was dropped is read again: nothing that is owned at the end is lost.
  for (const { partition, read } of source.owned.values()) {
    const lost = [...read.keys()].filter((mark) => !seen.has(mark));
    assert.deepEqual(lost, [], `visits of partition ${partition} are lost`);
  }
}

/**
 * True for a session that another one has swallowed, which may have its id from
 * another incarnation; ids alone do not tell, each incarnation has them again.
 */
function isSwallowed(
  { id, value }: SessionForm,
  others: readonly SessionForm[],
): boolean {
  const opener = marksOf(value).find((mark) => mark.startsWith(`${id}#`))!;
  return others.some(
    (each) =>
      each.supersedes.includes(id) && marksOf(each.value).includes(opener),
  );
}

/** Nothing is late, and what was read to its end is what a naive one makes. */
function checkExactness(
  { plan, source, summary }: SimulatedRun,
  forms: ReadonlyMap<number, readonly SessionForm[]>,
): void {
  assert.equal(summary.late, 0, "a visit within the bound was late");
  if (!plan.isBounded) return;
  const owned = [...source.owned.values()];
  for (const { partition, read } of owned) {
    assert.equal(read.size, plan.logs[partition]!.length);
  }
  if (plan.isMixed) {
    // Sessions of before, with visits of partitions that went since, are out;
    // so are some that visits of partitions that came later would have joined.
    if (source.incarnations.length > owned.length) return;
    const atFirst = new Set(plan.assignments[0]?.partitions);
    if (owned.some(({ partition }) => !atFirst.has(partition))) return;
    const visits = owned.flatMap((each) => visitsOf(plan, each));
    assert.deepEqual(
      normalizedLastForms([...forms.values()].flat()),
      naiveLastForms(visits, plan.window.gapMs),
    );
    return;
  }
  for (const each of owned) {
    assert.deepEqual(
      normalizedLastForms(forms.get(each.number) ?? []),
      naiveLastForms(visitsOf(plan, each), plan.window.gapMs),
    );
  }
}

/** What was read of an incarnation, without the garbage. */
function visitsOf(plan: Plan, { partition, read }: Incarnation) {
  const log = plan.logs[partition]!;
  return [...read.values()].filter(
    (_, offset) => log[offset]!.kind === "visit",
  );
}

function marksOf(text: string): string[] {
  return text.match(MARK) ?? [];
}

function incarnationOf(mark: string): number {
  return Number(mark.split("#")[1]);
}
