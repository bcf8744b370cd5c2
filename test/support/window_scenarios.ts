import fc from "fast-check";
import type { WindowParameters } from "../../src/window/window_store.ts";
import type { SimpleVisit } from "./visit_columns_builder.ts";

/** Visits that come as one batch, or a watermark. */
export type ScenarioStep =
  | { readonly kind: "visits"; readonly visits: readonly SimpleVisit[] }
  | { readonly kind: "watermark"; readonly watermarkMs: number };

/** What happens to a store. */
export interface Scenario {
  readonly parameters: WindowParameters;
  readonly steps: readonly ScenarioStep[];
}

const ORIGIN_MS = Date.UTC(2024, 5, 1);
const GAP_TICKS = 10;

const text = fc.option(fc.string({ unit: "binary", maxLength: 6 }));

/** Event time moves on by so much a step, so that sessions come and go. */
const TICKS_A_STEP = 4;

/** A moment in ticks before that of its step, or a ms beside it. */
const moment = fc.record({
  ticksBefore: fc.nat({ max: 40 }),
  besideMs: fc.constantFrom(0, 0, 0, -1, 1),
});

const visit = fc.record({
  visitId: fc.constantFrom("a", "b", 'ö"😀\n'),
  moment,
  form: fc.nat({ max: 3 }),
  page: text,
  userId: text,
});

const visits = fc.array(visit, { minLength: 1, maxLength: 5 });

const window = fc.record({
  /** A tick is a ms, a second or a minute. */
  tickMs: fc.constantFrom(1, 1000, 60_000),
  latenessTicks: fc.constantFrom(0, 1, 20, 80),
});

const steps = <Step>(step: fc.Arbitrary<Step>) =>
  fc.array(step, { maxLength: 25, size: "max" });

/** Any visits, any watermarks that do not go back: there are late visits. */
const anyScenario: fc.Arbitrary<Scenario> = fc
  .tuple(window, steps(fc.oneof({ weight: 3, arbitrary: visits }, moment)))
  .map(([{ tickMs, latenessTicks }, drawn]) => {
    let watermarkMs = -Infinity;
    let offset = 0;
    const made = drawn.map((step, index): ScenarioStep => {
      const clock = { tickMs, nowTicks: index * TICKS_A_STEP };
      if (Array.isArray(step)) {
        const batch = step.map((it) => visitOf(it, clock, offset++));
        return { kind: "visits", visits: batch };
      }
      watermarkMs = Math.max(watermarkMs, instantOf(step, clock));
      return { kind: "watermark", watermarkMs };
    });
    return { parameters: parametersOf(tickMs, latenessTicks), steps: made };
  });

/**
 * Any visits, and watermarks so that no session is gone which a later visit
 * can touch: none is late, and the order does not matter to the last forms.
 */
export const punctualScenario: fc.Arbitrary<Scenario> = fc
  .tuple(window, steps(fc.tuple(visits, fc.nat({ max: 30 }))))
  .map(([{ tickMs, latenessTicks }, drawn]) => {
    const parameters = parametersOf(tickMs, latenessTicks);
    let offset = 0;
    const batches = drawn.map(([batch], index) => {
      const clock = { tickMs, nowTicks: index * TICKS_A_STEP };
      return batch.map((it) => visitOf(it, clock, offset++));
    });
    let watermarkMs = -Infinity;
    const made = batches.flatMap((batch, index): ScenarioStep[] => {
      const latestMs = earliestOf(batches.slice(index)) - 2;
      const slackMs = drawn[index]![1] * tickMs;
      watermarkMs = Math.max(
        watermarkMs,
        latestMs + parameters.allowedLatenessMs - slackMs,
      );
      return [
        { kind: "watermark", watermarkMs },
        { kind: "visits", visits: batch },
      ];
    });
    return { parameters, steps: made };
  });

/** Either of them: late visits from the one, merges from the other. */
export const everyScenario: fc.Arbitrary<Scenario> = fc.oneof(
  anyScenario,
  punctualScenario,
);

/** Any scenario, with bounds on a session that it comes up against. */
export const boundedScenario: fc.Arbitrary<Scenario> = fc
  .tuple(
    everyScenario,
    fc.constantFrom(0, 100, 300, 1000),
    fc.constantFrom(100, 200, 500, 2000),
  )
  .map(([scenario, refireBytesMax, sessionBytesMax]) => ({
    ...scenario,
    parameters: { ...scenario.parameters, refireBytesMax, sessionBytesMax },
  }));

/** All visits of a scenario, in order. */
export function visitsOf(scenario: Scenario): readonly SimpleVisit[] {
  return scenario.steps.flatMap((step) =>
    step.kind === "visits" ? step.visits : [],
  );
}

interface Moment {
  readonly ticksBefore: number;
  readonly besideMs: number;
}

interface Clock {
  readonly tickMs: number;
  readonly nowTicks: number;
}

type DrawnVisit = Omit<SimpleVisit, "eventTime"> & {
  readonly moment: Moment;
  readonly form: number;
};

function parametersOf(tickMs: number, latenessTicks: number): WindowParameters {
  return {
    gapMs: GAP_TICKS * tickMs,
    allowedLatenessMs: latenessTicks * tickMs,
  };
}

function instantOf(moment: Moment, clock: Clock): number {
  const ticks = clock.nowTicks - moment.ticksBefore;
  return ORIGIN_MS + ticks * clock.tickMs + moment.besideMs;
}

function earliestOf(batches: readonly (readonly SimpleVisit[])[]): number {
  const times = batches.flat().map((visit) => Date.parse(visit.eventTime));
  return Math.min(...times);
}

function visitOf(drawn: DrawnVisit, clock: Clock, offset: number): SimpleVisit {
  const { moment, form, ...rest } = drawn;
  const eventTime = formatInstant(instantOf(moment, clock), form);
  return { ...rest, eventTime, offset };
}

/** The instant, in one of the forms that an event time can have. */
function formatInstant(instantMs: number, form: number): string {
  const utc = new Date(instantMs).toISOString();
  if (form === 0) return utc;
  if (form === 1) return utc.replace("Z", "+00:00");
  if (form === 2) return utc.replace("T", " ");
  const eastMs = instantMs + 330 * 60_000;
  return new Date(eastMs).toISOString().replace("Z", "+05:30");
}
