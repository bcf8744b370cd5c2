import { lastForms, normalizedLastForms } from "../reference/last_forms.ts";
import { naiveLastForms } from "../reference/naive_sessionizer.ts";
import { behindFinal, holes, repeated } from "./revision_checks.ts";
import type { StoredVisit, StormEvidence } from "./storm_evidence.ts";
import { isCloser } from "./visit_plan.ts";

/** What a storm may leave behind beside the usual. */
export interface StormRules {
  readonly gapMs: number;
  /** A visitor's visits come from several partitions: sessions may differ. */
  readonly isScattered: boolean;
  /** Sessions, dead letters and late visits may come more than once. */
  readonly mayRepeat?: boolean;
}

/** One kind of fault, and how much of it there is. */
export interface StormFault {
  readonly check: string;
  readonly count: number;
  /** A few, in words. */
  readonly examples: readonly string[];
}

const EXAMPLES_MAX = 5;

type Check = (evidence: StormEvidence, rules: StormRules) => string[];

/** By name; each gives a text a fault. */
export const STORM_CHECKS: Readonly<Record<string, Check>> = {
  "acknowledged visit not in its topic": unstored,
  "visit in no form, nor late": unseen,
  "visit in no last form, nor late": lost,
  "visit more than once in last forms or late": doubled,
  "visit that nobody sent": invented,
  "late visit that was on time": late,
  "record that is no visit, not once among the dead letters": undead,
  "session-id and revision twice": repeated,
  "hole in revisions": holes,
  "revision behind a final one": behindFinal,
  "session unlike that of the independent sessionizer": unlike,
  "transaction left open": openTransactions,
  "lag of the group": lags,
};

/** What must hold where outputs may come again: nothing is lost or made up. */
const REPEATING = new Set<Check>([unstored, unseen, late, invented, lags]);

/** All that is wrong with what a storm left behind. */
export function stormFaults(
  evidence: StormEvidence,
  rules: StormRules,
): StormFault[] {
  return Object.entries(STORM_CHECKS).flatMap(([check, find]) => {
    if (rules.mayRepeat === true && !REPEATING.has(find)) return [];
    const found = find(evidence, rules);
    if (found.length === 0) return [];
    const examples = found.slice(0, EXAMPLES_MAX);
    return [{ check, count: found.length, examples }];
  });
}

function unstored({ ledger, visits }: StormEvidence): string[] {
  const stored = new Set(visits.map(({ number }) => number));
  return ledger.filter((each) => !stored.has(each)).map((each) => `n${each}`);
}

/** How often each number is in a list. */
function countsOf(numbers: Iterable<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}

/** How often each visit came out: in last forms, or late. */
function outcomes({ visits, forms, late }: StormEvidence): Map<number, number> {
  const byOrigin = new Map(visits.map((each) => [originOf(each), each.number]));
  const lateNumbers = late.map((origin) => byOrigin.get(origin) ?? -1);
  const inSessions = lastForms(forms).flatMap(({ numbers }) => numbers);
  return countsOf([...lateNumbers, ...inSessions]);
}

function originOf({ partition, offset }: StoredVisit): string {
  return `${partition}-${offset}`;
}

/** Visits whose sessions must be over: all but the closers. */
function closedVisits({ visits }: StormEvidence): StoredVisit[] {
  return visits.filter(({ visitId }) => !isCloser(visitId));
}

function lost(evidence: StormEvidence): string[] {
  const found = outcomes(evidence);
  const placeOf = places(evidence);
  return [...countsOf(numbersOf(closedVisits(evidence)))]
    .filter(([number, count]) => (found.get(number) ?? 0) < count)
    .map(([number]) => placeOf(number));
}

function unseen(evidence: StormEvidence): string[] {
  const { visits, forms, late } = evidence;
  const placeOf = places(evidence);
  const seen = new Set(forms.flatMap(({ numbers }) => numbers));
  const origins = new Set(late);
  const isLate = (number: number) =>
    visits.some(
      (each) => each.number === number && origins.has(originOf(each)),
    );
  return [...new Set(numbersOf(closedVisits(evidence)))]
    .filter((number) => !seen.has(number) && !isLate(number))
    .map(placeOf);
}

function doubled(evidence: StormEvidence): string[] {
  const sent = countsOf(numbersOf(evidence.visits));
  const placeOf = places(evidence);
  return [...outcomes(evidence)]
    .filter(([number, count]) => count > (sent.get(number) ?? count))
    .map(([number, count]) => `${placeOf(number)}: ${count} times`);
}

function invented(evidence: StormEvidence): string[] {
  const sent = new Set(numbersOf(evidence.visits));
  return [...outcomes(evidence).keys()]
    .filter((number) => !sent.has(number))
    .map((number) => `n${number}`);
}

function numbersOf(visits: readonly StoredVisit[]): number[] {
  return visits.map(({ number }) => number);
}

/** Says where the visit with a number is from. */
function places({ visits }: StormEvidence): (number: number) => string {
  const byNumber = new Map(visits.map((visit) => [visit.number, visit]));
  return (number) => {
    const visit = byNumber.get(number)!;
    const { visitId, eventTime } = visit;
    return `n${number} of ${visitId} at ${eventTime}, ${originOf(visit)}`;
  };
}

function late({ late }: StormEvidence): string[] {
  return [...late];
}

function undead({ poison, deadLetters }: StormEvidence): string[] {
  const counts = new Map<string, number>(poison.map((origin) => [origin, 0]));
  for (const origin of deadLetters) {
    counts.set(origin, (counts.get(origin) ?? 1) + 1);
  }
  return [...counts]
    .filter(([, count]) => count !== 1)
    .map(([origin, count]) => `${origin}: ${count} times`);
}

function unlike(evidence: StormEvidence, rules: StormRules): string[] {
  if (rules.isScattered) return [];
  const expected = naiveLastForms(
    closedVisits(evidence).map(({ number, ...visit }) => ({
      ...visit,
      page: `n${number}`,
    })),
    rules.gapMs,
  );
  const actual = normalizedLastForms(
    evidence.forms.filter(({ value }) => !isCloser(visitIdOf(value))),
  );
  return [
    ...without(expected, actual).map((form) => `missing ${form}`),
    ...without(actual, expected).map((form) => `unexpected ${form}`),
  ];
}

function visitIdOf(value: string): string {
  return /^\{"visit_id": "([^"]*)"/.exec(value)?.[1] ?? "";
}

/** The texts that are more often in the first list than in the second. */
function without(
  texts: readonly string[],
  others: readonly string[],
): string[] {
  const counts = new Map<string, number>();
  for (const each of others) counts.set(each, (counts.get(each) ?? 0) + 1);
  return texts.filter((each) => {
    const left = counts.get(each) ?? 0;
    counts.set(each, left - 1);
    return left <= 0;
  });
}

function openTransactions({ ends }: StormEvidence): string[] {
  return ends
    .filter(({ end, stable }) => stable < end)
    .map(
      ({ topic, partition, end, stable }) =>
        `${topic} ${partition}: stable to ${stable} of ${end}`,
    );
}

function lags({ ends, committed, visitsTopic }: StormEvidence): string[] {
  return ends
    .filter(({ topic }) => topic === visitsTopic)
    .filter(({ partition, end }) => (committed.get(partition) ?? -1) !== end)
    .map(
      ({ partition, end }) =>
        `partition ${partition}: ${committed.get(partition) ?? -1} of ${end}`,
    );
}
