import assert from "node:assert/strict";
import { test } from "node:test";
import { STORM_CHECKS, stormFaults } from "./storm_checks.ts";
import type {
  StoredForm,
  StoredVisit,
  StormEvidence,
} from "./storm_evidence.ts";
import { numbersIn } from "./visit_plan.ts";

const RULES = { gapMs: 2000, isScattered: false };

/** Visit `number` of a visitor, at so many ms; its offset is its number. */
function visit(number: number, visitId: string, timeMs: number): StoredVisit {
  const eventTime = new Date(timeMs).toISOString();
  return {
    ...{ number, visitId, eventTime, userId: `user-${number}` },
    ...{ partition: 0, offset: number },
  };
}

/** A form that holds these visits, the last of which arrived last. */
function form(
  id: string,
  visits: readonly StoredVisit[],
  { revision = 0, isFinal = false, supersedes = [] as string[] } = {},
): StoredForm {
  const sorted = visits.toSorted((a, b) =>
    a.eventTime < b.eventTime ? -1 : 1,
  );
  const pages = sorted.map(
    ({ number, eventTime }) =>
      `{"page": "n${number}", "event_time": "${eventTime}"}`,
  );
  const value =
    `{"visit_id": "${visits[0]!.visitId}", "start_time": "${sorted[0]!.eventTime}", ` +
    `"end_time": "${sorted.at(-1)!.eventTime}", "visited_pages": [[${pages.join(", ")}]], ` +
    `"user_id": ["${visits.at(-1)!.userId}"], "data_processing_context": {}}`;
  return {
    id,
    revision,
    supersedes,
    isFinal,
    value,
    numbers: numbersIn(value),
  };
}

const A1 = visit(0, "a", 1000);
const A2 = visit(1, "a", 2500);
const B1 = visit(2, "b", 1000);
const B2 = visit(3, "b", 5000);
/** Joins both of b's sessions. */
const B3 = visit(4, "b", 3000);
const A3 = visit(5, "a", 9000);
const CLOSER = visit(6, "closer-0", 60_000);

/** What a job without a fault leaves: a refired session, and a merge. */
function good(changes: Partial<StormEvidence> = {}): StormEvidence {
  return {
    ledger: [0, 1, 2, 3, 4, 5, 6],
    visits: [A1, A2, B1, B2, B3, A3, CLOSER],
    poison: ["0-7"],
    forms: [
      form("0-0", [A1]),
      form("0-0", [A1, A2], { revision: 1, isFinal: true }),
      form("0-2", [B1]),
      form("0-3", [B2]),
      form("0-3", [B2], { revision: 1 }),
      form("0-2", [B1, B2, B3], { revision: 2, supersedes: ["0-3"] }),
      form("0-5", [A3]),
    ],
    late: [],
    deadLetters: ["0-7"],
    ends: [
      { topic: "visits", partition: 0, end: 8, stable: 8 },
      { topic: "sessions", partition: 0, end: 12, stable: 12 },
    ],
    committed: new Map([[0, 8]]),
    visitsTopic: "visits",
    ...changes,
  };
}

const { forms: FORMS } = good();

/** Evidence with a fault, by the check that must find it. */
const DOCTORED: Record<keyof typeof STORM_CHECKS, StormEvidence[]> = {
  "acknowledged visit not in its topic": [good({ ledger: [0, 77] })],
  "visit in no form, nor late": [
    good({ forms: FORMS.filter(({ id }) => id !== "0-5") }),
  ],
  "visit in no last form, nor late": [
    good({ forms: FORMS.filter(({ id }) => id !== "0-5") }),
    good({
      forms: FORMS.filter(({ revision, id }) => id !== "0-0" || revision === 0),
    }),
    // Sent twice, as a producer may, and taken once.
    good({ visits: [...good().visits, { ...A3, offset: 9 }] }),
  ],
  "visit more than once in last forms or late": [
    good({ forms: [...FORMS, form("0-9", [A3])] }),
    good({ late: ["0-5"] }),
    // Two parts came out, and what joined them does not say so.
    good({
      forms: FORMS.map((each) =>
        each.revision === 2 ? { ...each, supersedes: [] } : each,
      ),
    }),
  ],
  "visit that nobody sent": [
    good({ forms: [...FORMS, form("0-99", [visit(99, "z", 0)])] }),
    good({ late: ["0-55"] }),
  ],
  "late visit that was on time": [good({ late: ["0-5"] })],
  "record that is no visit, not once among the dead letters": [
    good({ deadLetters: [] }),
    good({ deadLetters: ["0-7", "0-7"] }),
    good({ deadLetters: ["0-7", "0-3"] }),
  ],
  "session-id and revision twice": [good({ forms: [...FORMS, FORMS[0]!] })],
  "hole in revisions": [
    good({ forms: FORMS.slice(1) }),
    good({ forms: [...FORMS, form("0-5", [A3], { revision: 2 })] }),
    // The merged part's highest revision does not lead to this one.
    good({
      forms: FORMS.filter(({ id, revision }) => id !== "0-3" || revision === 0),
    }),
  ],
  "revision behind a final one": [
    good({ forms: [...FORMS, form("0-0", [A1, A2], { revision: 2 })] }),
  ],
  "session unlike that of the independent sessionizer": [
    good({ forms: FORMS.filter(({ id }) => id !== "0-5") }),
    good({ forms: [...FORMS, form("0-9", [A3])] }),
    // The user of the visit that arrived first.
    good({
      forms: FORMS.map((each) =>
        each.id === "0-0" && each.revision === 1
          ? form("0-0", [A2, A1], { revision: 1, isFinal: true })
          : each,
      ),
    }),
    good({
      visits: good().visits.map((each) =>
        each === A3 ? { ...A3, visitId: "c" } : each,
      ),
    }),
  ],
  "transaction left open": [
    good({
      ends: [
        ...good().ends,
        { topic: "late", partition: 1, end: 5, stable: 3 },
      ],
    }),
  ],
  "lag of the group": [
    good({ committed: new Map([[0, 7]]) }),
    good({ committed: new Map() }),
    good({ committed: new Map([[0, 9]]) }),
  ],
};

test("stormFaults() finds nothing wrong with what is right", () => {
  assert.deepEqual(stormFaults(good(), RULES), []);
});

test("stormFaults() has every one of its checks doctored here", () => {
  assert.deepEqual(Object.keys(DOCTORED), Object.keys(STORM_CHECKS));
});

for (const [check, cases] of Object.entries(DOCTORED)) {
  test(`stormFaults() finds: ${check}`, () => {
    for (const evidence of cases) {
      const found = stormFaults(evidence, RULES).map((fault) => fault.check);
      assert.ok(found.includes(check), `${found}`);
    }
  });
}

test("stormFaults() lets outputs come again where they may", () => {
  const again = good({
    forms: [...FORMS, FORMS[0]!, form("0-9", [A3])],
    deadLetters: ["0-7", "0-7"],
  });
  const checks = (evidence: StormEvidence) =>
    stormFaults(evidence, { ...RULES, mayRepeat: true }).map(
      ({ check }) => check,
    );
  assert.deepEqual(checks(again), []);
  const lost = FORMS.filter(({ id }) => id !== "0-5");
  assert.deepEqual(checks(good({ forms: lost })), [
    "visit in no form, nor late",
  ]);
  assert.deepEqual(checks(good({ committed: new Map() })), [
    "lag of the group",
  ]);
});

test("stormFaults() lets scattered visitors have other sessions", () => {
  const forms = [
    ...FORMS.slice(0, -4),
    form("0-2", [B1, B2, B3], { revision: 1 }),
  ];
  const evidence = good({ forms: [...forms, form("0-5", [A3])] });
  const checks = (isScattered: boolean) =>
    stormFaults(evidence, { ...RULES, isScattered }).map(({ check }) => check);
  assert.deepEqual(checks(true), []);
  const apart = good({
    forms: [...FORMS.slice(0, 3), form("0-3", [B2, B3]), FORMS.at(-1)!],
  });
  assert.equal(stormFaults(apart, { ...RULES, isScattered: true }).length, 0);
  assert.equal(stormFaults(apart, RULES).length, 1);
});
