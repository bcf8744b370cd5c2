import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { DueTimes } from "../../src/generate/due_times.ts";
import { RecordFrame } from "../../src/generate/record_frame.ts";
import { VisitGenerator } from "../../src/generate/visit_generator.ts";
import { murmur2, partitionOf } from "../../src/record/partitioner.ts";
import { PARTITIONS } from "./bench_broker.ts";
import type { Load } from "./load_probe.ts";

/** Each new highest event time of a partition, and when it was due; ms. */
export type ClockSteps = readonly (readonly [number, number])[];

const TIME_KEY = '"event_time": "';
const TIME_LENGTH = "2024-06-01T00:00:00+00:00".length;

/**
 * When the clock of each partition should have reached each second of event
 * time: the same seed makes the visits of a load again, and visit n was due
 * n / rate after its start.
 */
export function clockSteps(load: Load, ratePerSecond: number): ClockSteps[] {
  const { visits, startMs } = load;
  const steps = Array.from(
    { length: PARTITIONS },
    (): [number, number][] => [],
  );
  const dueTimes = new DueTimes(ratePerSecond, startMs);
  const generator = new VisitGenerator(DEFAULT_GENERATOR);
  const frame = new RecordFrame();
  for (let visit = 0; !generator.isDone(visits); visit += frame.count) {
    frame.clear();
    generator.fill(frame, { visits, records: Number.POSITIVE_INFINITY });
    for (let record = 0; record < frame.count; record++) {
      const ofPartition = steps[partitionIn(frame, record)]!;
      const eventMs = eventMsIn(frame, record);
      if (eventMs <= (ofPartition.at(-1)?.[0] ?? 0)) continue;
      ofPartition.push([eventMs, dueTimes.dueAtMs(visit + record)]);
    }
  }
  return steps;
}

function partitionIn(frame: RecordFrame, record: number): number {
  const keyStart = frame.keyStart(record);
  const hash = murmur2(frame.bytes, keyStart, frame.keyLength(record));
  return partitionOf(hash, PARTITIONS);
}

function eventMsIn(frame: RecordFrame, record: number): number {
  const { bytes } = frame;
  const keyAt = bytes.indexOf(TIME_KEY, frame.valueStart(record));
  const start = keyAt + TIME_KEY.length;
  return Date.parse(bytes.toString("latin1", start, start + TIME_LENGTH));
}
