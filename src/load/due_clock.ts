import type { DueTimes } from "../generate/due_times.ts";
import type { RecordFrame } from "../generate/record_frame.ts";
import { BEFORE_EVENT_TIME } from "../generate/visit_writer.ts";
import { murmur2, partitionOf } from "../record/partitioner.ts";

/** Steps that are kept: an hour and more of any rate, 32 MB. */
const STEPS_MAX = 2 ** 21;
const DATE_LENGTH = "2024-06-01".length;
const ZERO = 0x30;

/** Where a frame's visits stand in their schedule. */
export interface FramePlace {
  readonly dueTimes: DueTimes;
  /** Number of its first visit in that schedule. */
  readonly firstVisit: number;
}

/**
 * When the job's merged clock should have reached an event time: that is when the
 * visit was due that moved the last partition's clock there, however late it was
 * sent. Memory is bounded; what is long ago is forgotten.
 */
export class DueClock {
  /** Highest event time of each partition, ms. */
  readonly #clocks: Float64Array;
  #mergedMs = Number.NEGATIVE_INFINITY;
  // Each value of the merged clock, and when it was due; ascending.
  readonly #eventsMs = new Float64Array(STEPS_MAX);
  readonly #duesMs = new Float64Array(STEPS_MAX);
  #count = 0;
  /** The two digits of the last day, and when it began. */
  #day = -1;
  #dayMs = Number.NaN;

  constructor(partitionCount: number) {
    this.#clocks = new Float64Array(partitionCount).fill(
      Number.NEGATIVE_INFINITY,
    );
  }

  /** Takes the visits of a frame in, which must have no flaws. */
  take(frame: RecordFrame, { dueTimes, firstVisit }: FramePlace): void {
    for (let record = 0; record < frame.count; record++) {
      const eventMs = this.#eventMsOf(frame, record);
      if (eventMs <= this.#mergedMs) continue;
      const hash = murmur2(
        frame.bytes,
        frame.keyStart(record),
        frame.keyLength(record),
      );
      const partition = partitionOf(hash, this.#clocks.length);
      const beforeMs = this.#clocks[partition]!;
      if (eventMs <= beforeMs) continue;
      this.#clocks[partition] = eventMs;
      // Only the partition that is furthest behind holds the merged clock.
      if (beforeMs > this.#mergedMs) continue;
      const mergedMs = this.#lowest();
      if (mergedMs <= this.#mergedMs) continue;
      this.#mergedMs = mergedMs;
      this.#push(mergedMs, dueTimes.dueAtMs(firstVisit + record));
    }
  }

  /** Wall clock, ms; null when it has not got there, or when that is long ago. */
  dueAtMs(eventMs: number): number | null {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#eventsMs[middle]! < eventMs) low = middle + 1;
      else high = middle;
    }
    // All before the first step is not known: it may be of another load.
    return low === 0 || low === this.#count ? null : this.#duesMs[low]!;
  }

  #lowest(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const clock of this.#clocks) if (clock < lowest) lowest = clock;
    return lowest;
  }

  #push(eventMs: number, dueMs: number): void {
    if (this.#count === STEPS_MAX) {
      this.#eventsMs.copyWithin(0, STEPS_MAX / 2);
      this.#duesMs.copyWithin(0, STEPS_MAX / 2);
      this.#count = STEPS_MAX / 2;
    }
    this.#eventsMs[this.#count] = eventMs;
    this.#duesMs[this.#count] = dueMs;
    this.#count++;
  }

  /** The generator writes UTC, to the second, behind the `visit_id`. */
  #eventMsOf(frame: RecordFrame, record: number): number {
    const { bytes } = frame;
    const keyEnd = frame.keyStart(record) + frame.keyLength(record);
    const at = keyEnd + BEFORE_EVENT_TIME.length;
    const timeAt = at + DATE_LENGTH + 1;
    const seconds =
      twoDigits(bytes, timeAt) * 3600 +
      twoDigits(bytes, timeAt + 3) * 60 +
      twoDigits(bytes, timeAt + 6);
    // Mostly it is the day of the visit before; a month has no such day twice.
    const day = bytes.readUInt16BE(at + 8);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayMs = Date.parse(bytes.toString("latin1", at, at + DATE_LENGTH));
    }
    return this.#dayMs + seconds * 1000;
  }
}

function twoDigits(bytes: Buffer, at: number): number {
  return (bytes[at]! - ZERO) * 10 + bytes[at + 1]! - ZERO;
}
