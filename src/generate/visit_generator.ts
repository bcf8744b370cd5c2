import type { GeneratorConfig } from "../config/config.ts";
import { UsageError } from "../errors.ts";
import { loseMember, randomUuid, spoil } from "./flaws.ts";
import { HeldDuplicates } from "./held_duplicates.ts";
import { Random } from "./random.ts";
import type { RecordFrame } from "./record_frame.ts";
import {
  pickPage,
  VISIT_ID_OFFSET,
  type Visit,
  VisitWriter,
} from "./visit_writer.ts";
import { Visitors } from "./visitors.ts";

// Beyond the default out-of-orderness bound; from about 45 minutes on (bound,
// gap and lateness together) a visit alone is late beyond all allowance.
const LATE_FROM_SECONDS = 21 * 60;
const LATE_TO_SECONDS = 90 * 60;
const HOLD_MAX_SECONDS = 120;

/** How many records of each sort a generator has made. */
export interface GeneratedCounts {
  /** All records: visits and duplicates. */
  records: number;
  /** Records that are not duplicates, flawed ones included. */
  visits: number;
  duplicates: number;
  late: number;
  missing: number;
  unprocessable: number;
}

/** When `fill` stops, apart from a full frame. */
export interface FillLimits {
  /** Visits to be made in all, in this fill and those before. */
  readonly visits: number;
  /** Records that the frame may hold in the end. */
  readonly records: number;
}

/**
 * Makes the visits of many visitors at once, roughly in the order of their
 * event times. The same configuration gives the same bytes.
 */
export class VisitGenerator {
  readonly counts: GeneratedCounts = {
    records: 0,
    visits: 0,
    duplicates: 0,
    late: 0,
    missing: 0,
    unprocessable: 0,
  };
  readonly #startSeconds: number;
  readonly #random: Random;
  readonly #visitors: Visitors;
  readonly #writer: VisitWriter;
  readonly #held = new HeldDuplicates();
  readonly #visit: Visit = { serial: 0, eventSeconds: 0, page: 0 };
  readonly #hasFlaws: boolean;
  // Chances in percent, summed up: one draw decides which flaw a visit gets.
  readonly #unprocessableBelow: number;
  readonly #missingBelow: number;
  readonly #lateBelow: number;
  readonly #duplicatePercent: number;

  /**
   * `mark`: what all `visit_id`s begin with. Throws a `UsageError` when the
   * percentages add up to more than 100.
   */
  constructor(config: GeneratorConfig, mark = "") {
    this.#startSeconds = Math.floor(config.startTimeMs / 1000);
    this.#random = new Random(config.seed);
    this.#visitors = new Visitors(config.active, this.#random);
    this.#writer = new VisitWriter(config.seed, config.startTimeMs, mark);
    this.#unprocessableBelow = config.unprocessablePercent;
    this.#missingBelow = this.#unprocessableBelow + config.missingPercent;
    this.#lateBelow = this.#missingBelow + config.latePercent;
    this.#duplicatePercent = config.duplicatePercent;
    this.#hasFlaws = this.#lateBelow > 0;
    if (this.#lateBelow > 100) {
      throw new UsageError(
        `Cannot generate visits: late, missing and unprocessable percent add up to ${this.#lateBelow}, expected at most 100`,
      );
    }
  }

  /** What stands before the serial number in each `visit_id`. */
  get visitIdPrefix(): string {
    return this.#writer.visitIdPrefix;
  }

  /** True when all visits, and the duplicates of them, have been made. */
  isDone(visits: number): boolean {
    return this.counts.visits >= visits && this.#held.isEmpty;
  }

  /** Adds records to the frame until it is full or a limit is reached. */
  fill(frame: RecordFrame, limits: FillLimits): void {
    frame.nowMs = this.#nowMs;
    while (!frame.isFull && frame.count < limits.records) {
      if (this.counts.visits >= limits.visits) {
        if (!this.#releaseHeld(frame, Number.POSITIVE_INFINITY)) return;
      } else if (!this.#releaseHeld(frame, this.#visitors.nowSeconds)) {
        this.#addVisit(frame);
        if (this.#duplicatePercent > 0) this.#maybeDuplicate(frame);
      }
    }
  }

  /** When the last visit arrived: not before any event time, but for flaws. */
  get #nowMs(): number {
    return (this.#startSeconds + this.#visitors.nowSeconds) * 1000;
  }

  #releaseHeld(frame: RecordFrame, nowSeconds: number): boolean {
    if (!this.#held.release(frame, nowSeconds)) return false;
    this.counts.records++;
    this.counts.duplicates++;
    return true;
  }

  #addVisit(frame: RecordFrame): void {
    const visit = this.#visit;
    this.#visitors.next(visit);
    frame.nowMs = this.#nowMs;
    visit.eventSeconds += this.#startSeconds;
    visit.page = pickPage(this.#random);
    this.counts.records++;
    this.counts.visits++;
    if (this.#hasFlaws) {
      const chance = this.#drawPercent();
      if (chance < this.#missingBelow) {
        this.#addFlawed(frame, chance < this.#unprocessableBelow);
        return;
      }
      if (chance < this.#lateBelow) this.#makeLate(visit);
    }
    const end = this.#writer.write(frame.bytes, frame.end, visit);
    frame.add(
      end - frame.end,
      VISIT_ID_OFFSET,
      this.#writer.visitIdLength(visit.serial),
    );
  }

  #makeLate(visit: Visit): void {
    visit.eventSeconds -= this.#random.between(
      LATE_FROM_SECONDS,
      LATE_TO_SECONDS,
    );
    this.counts.late++;
  }

  #addFlawed(frame: RecordFrame, isUnprocessable: boolean): void {
    const { bytes, end: start } = frame;
    const visitEnd = this.#writer.write(bytes, start, this.#visit);
    const json = bytes.toString("latin1", start, visitEnd);
    const keyStart = start + VISIT_ID_OFFSET;
    const keyEnd = keyStart + this.#writer.visitIdLength(this.#visit.serial);
    let key = bytes.toString("latin1", keyStart, keyEnd);
    let flawed: string;
    if (isUnprocessable) {
      flawed = spoil(this.#random, json);
      this.counts.unprocessable++;
    } else {
      const missing = loseMember(this.#random, json);
      flawed = missing.json;
      if (missing.isVisitIdMissing) key = randomUuid(this.#random);
      this.counts.missing++;
    }
    const length = bytes.write(flawed, start, "latin1");
    frame.addWithKey(length, Buffer.from(key, "latin1"));
  }

  /** Sends the last record again: half of the times later, else at once. */
  #maybeDuplicate(frame: RecordFrame): void {
    if (this.#drawPercent() >= this.#duplicatePercent) return;
    if (this.#random.below(2) === 0) {
      const delaySeconds = this.#random.between(1, HOLD_MAX_SECONDS);
      this.#held.hold(frame, this.#visitors.nowSeconds + delaySeconds);
      return;
    }
    frame.repeatLast();
    this.counts.records++;
    this.counts.duplicates++;
  }

  #drawPercent(): number {
    return this.#random.below(1e9) / 1e7;
  }
}
