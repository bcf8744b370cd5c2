import type { GeneratorConfig } from "../../src/config/config.ts";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { RecordFrame } from "../../src/generate/record_frame.ts";
import {
  type GeneratedCounts,
  VisitGenerator,
} from "../../src/generate/visit_generator.ts";

/** A generated record, as text. */
export interface TextRecord {
  readonly key: string;
  readonly value: string;
}

/** All records of a configuration, and what the generator counted. */
export interface Collected {
  readonly records: TextRecord[];
  readonly counts: GeneratedCounts;
}

/** Generates `visits` visits and the duplicates of them. */
export function collect(
  visits: number,
  changes: Partial<GeneratorConfig> = {},
): Collected {
  const generator = new VisitGenerator({ ...DEFAULT_GENERATOR, ...changes });
  const frame = new RecordFrame();
  const records: TextRecord[] = [];
  while (!generator.isDone(visits)) {
    frame.clear();
    generator.fill(frame, { visits, records: Number.POSITIVE_INFINITY });
    for (let i = 0; i < frame.count; i++) records.push(textRecord(frame, i));
  }
  return { records, counts: generator.counts };
}

/** A record of a frame, as text. */
export function textRecord(frame: RecordFrame, record: number): TextRecord {
  const text = (start: number, length: number) =>
    frame.bytes.toString("utf8", start, start + length);
  return {
    key: text(frame.keyStart(record), frame.keyLength(record)),
    value: text(frame.valueStart(record), frame.valueLength(record)),
  };
}
