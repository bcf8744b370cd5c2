import process from "node:process";
import type { GeneratorConfig } from "../src/config/config.ts";
import {
  DEFAULT_GENERATOR,
  DEMO_GENERATOR,
} from "../src/config/generator_defaults.ts";
import { RecordFrame } from "../src/generate/record_frame.ts";
import { VisitGenerator } from "../src/generate/visit_generator.ts";

const VISITS = 2_000_000;
const CASES: Readonly<Record<string, GeneratorConfig>> = {
  "clean visits": DEFAULT_GENERATOR,
  "as in the demo": DEMO_GENERATOR,
  "a million active": { ...DEFAULT_GENERATOR, active: 1_000_000 },
};

for (const [name, config] of Object.entries(CASES)) benchCase(name, config);

/** CPU time, not wall time: other work on the machine counts less. */
function benchCase(name: string, config: GeneratorConfig): void {
  const generator = new VisitGenerator(config);
  const frame = new RecordFrame();
  const limits = { visits: VISITS, records: Number.POSITIVE_INFINITY };
  let byteLength = 0;
  const start = process.cpuUsage();
  while (!generator.isDone(VISITS)) {
    frame.clear();
    generator.fill(frame, limits);
    byteLength += frame.end;
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  const { records } = generator.counts;
  process.stdout.write(
    `${name.padEnd(18)} ${(records / seconds / 1e6).toFixed(2)} M records/s, ` +
      `${((seconds / records) * 1e9).toFixed(0)} ns each, ` +
      `${(byteLength / records).toFixed(0)} bytes each, ` +
      `${(byteLength / seconds / 1e6).toFixed(0)} MB/s\n`,
  );
}
