import { Random } from "../../src/generate/random.ts";
import { BAD_RECORDS } from "../e2e/bad_records.ts";

/** The windows of a storm: short, so that sessions close while it runs, ms. */
export const STORM_WINDOWS = {
  gapMs: 2000,
  outOfOrdernessMs: 1000,
  allowedLatenessMs: 3000,
} as const;

/** No record may be larger, so that a poisoned one can be too large. */
export const STORM_RECORD_BYTES_MAX = 1024;
/** Poison of the future is a day ahead, more than this. */
export const STORM_MAX_SKEW = "1h";

const DAY_MS = 24 * 3_600_000;
const SESSION_VISITS_MIN = 2;
const SESSION_VISITS_MAX = 20;
/** Mean pause between two visits of a session: a gap is rarely reached. */
const MEAN_PAUSE_MS = 400;
/** Visitors rest so long, at least, before they come again. */
const REST_MS = 2.5 * STORM_WINDOWS.gapMs;
/** One visit in so many is behind the watermark, and still within lateness. */
const LATE_ONE_IN = 12;
const DISORDER_MAX_MS = STORM_WINDOWS.outOfOrdernessMs - 1;
const LATE_DISORDER_MAX_MS =
  STORM_WINDOWS.outOfOrdernessMs + 0.8 * STORM_WINDOWS.allowedLatenessMs;

/** A record of the load. */
export interface PlannedRecord {
  /** Of a visit, its own; null for poison. */
  readonly number: number | null;
  readonly partition: number;
  readonly key: string;
  readonly value: string | Buffer;
}

/** What a load is like. */
export interface VisitPlanOptions {
  readonly seed: number;
  readonly ratePerSecond: number;
  readonly partitions: number;
  /** Of all records, so many in a hundred can be no visits. */
  readonly poisonPercent: number;
  /** Each has a user's name of so many bytes. */
  readonly userBytes: number;
  /** Each visit goes to any partition, instead of to that of its visitor. */
  readonly isScattered: boolean;
}

interface Visitor {
  readonly id: number;
  readonly partition: number;
  /** What is left of the present session. */
  visitsLeft: number;
  restsUntilMs: number;
}

/**
 * Visits near now, with bounded disorder: visitors come for 2 to 20 visits, rest
 * for some gaps and come again. None is late beyond the allowed lateness. The
 * same seed gives the same visits, but for their times.
 */
export class VisitPlan {
  readonly #random: Random;
  readonly #options: VisitPlanOptions;
  /** Those amid a session. */
  readonly #active: Visitor[] = [];
  readonly #resting: Visitor[] = [];
  #partitions: number;
  #visitors = 0;
  #numbers = 0;
  #poisoned = 0;

  constructor(options: VisitPlanOptions) {
    this.#options = options;
    this.#partitions = options.partitions;
    this.#random = new Random(options.seed);
    const active = Math.ceil((options.ratePerSecond * MEAN_PAUSE_MS) / 1000);
    for (let i = 0; i < active; i++) this.#active.push(this.#newVisitor());
  }

  /** Visitors to come use so many partitions; those that are here stay. */
  growTo(partitions: number): void {
    this.#partitions = partitions;
  }

  /** The record that is due at `dueMs`. */
  next(dueMs: number): PlannedRecord {
    const random = this.#random;
    const { poisonPercent, isScattered } = this.#options;
    if (random.below(100) < poisonPercent) return this.#poison(dueMs);
    const place = random.below(this.#active.length);
    const visitor = this.#active[place]!;
    const partition = isScattered
      ? random.below(this.#partitions)
      : visitor.partition;
    const number = this.#numbers++;
    const visit = visitOf(number, {
      visitId: `visitor-${visitor.id}`,
      eventMs: dueMs - this.#disorderMs(),
      userBytes: this.#options.userBytes,
    });
    if (--visitor.visitsLeft === 0) {
      visitor.restsUntilMs = dueMs + REST_MS + random.below(REST_MS);
      this.#resting.push(visitor);
      this.#active[place] = this.#nextVisitor(dueMs);
    }
    return { number, partition, ...visit };
  }

  /** A visit a partition that lets everything before it close and be final. */
  closers(dueMs: number): PlannedRecord[] {
    const { gapMs, outOfOrdernessMs, allowedLatenessMs } = STORM_WINDOWS;
    const eventMs =
      dueMs + 2 * (gapMs + outOfOrdernessMs + allowedLatenessMs) + 1;
    return Array.from({ length: this.#partitions }, (_, partition) => {
      const number = this.#numbers++;
      const visitId = `${CLOSER_PREFIX}${partition}`;
      return { number, partition, ...visitOf(number, { visitId, eventMs }) };
    });
  }

  #disorderMs(): number {
    const isLate = this.#random.below(LATE_ONE_IN) === 0;
    return this.#random.below(isLate ? LATE_DISORDER_MAX_MS : DISORDER_MAX_MS);
  }

  #nextVisitor(dueMs: number): Visitor {
    const first = this.#resting[0];
    if (first === undefined || first.restsUntilMs > dueMs) {
      return this.#newVisitor();
    }
    this.#resting.shift();
    first.visitsLeft = this.#sessionVisits();
    return first;
  }

  #newVisitor(): Visitor {
    const id = this.#visitors++;
    const partition = id % this.#partitions;
    const visitsLeft = this.#sessionVisits();
    return { id, partition, visitsLeft, restsUntilMs: 0 };
  }

  #sessionVisits(): number {
    return this.#random.between(SESSION_VISITS_MIN, SESSION_VISITS_MAX);
  }

  /** All kinds in turn. */
  #poison(dueMs: number): PlannedRecord {
    const number = null;
    const partition = this.#random.below(this.#partitions);
    const kind = this.#poisoned % (BAD_RECORDS.length + 1);
    const key = `poison-${this.#poisoned++}`;
    const value =
      kind < BAD_RECORDS.length
        ? BAD_RECORDS[kind]![1]
        : visitOf(0, { visitId: "future", eventMs: dueMs + DAY_MS }).value;
    return { number, partition, key, value };
  }
}

const CLOSER_PREFIX = "closer-";

/** Whether a visit is one of those that are sent last, and stay open. */
export function isCloser(visitId: string): boolean {
  return visitId.startsWith(CLOSER_PREFIX);
}

function visitOf(
  number: number,
  options: {
    readonly visitId: string;
    readonly eventMs: number;
    readonly userBytes?: number;
  },
): { readonly key: string; readonly value: string } {
  const { visitId, eventMs, userBytes = 0 } = options;
  const visit = {
    visit_id: visitId,
    event_time: new Date(eventMs).toISOString(),
    page: pageOf(number),
    user_id: `user-${number % 7}`.padEnd(userBytes, "."),
  };
  return { key: visitId, value: JSON.stringify(visit) };
}

function pageOf(number: number): string {
  return `n${number}`;
}

/** The numbers of the visits in a session's JSON, in their order. */
export function numbersIn(session: string): number[] {
  const found = session.matchAll(/"page": "n(\d+)"/g);
  return Array.from(found, ([, digits]) => Number(digits));
}

/** The number of a record of the load; null for poison. */
export function numberOf(key: string, value: string): number | null {
  if (key.startsWith("poison-")) return null;
  return Number(/"page":"n(\d+)"/.exec(value)![1]);
}
