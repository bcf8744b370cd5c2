import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { RecordFrame } from "../../src/generate/record_frame.ts";
import { VisitGenerator } from "../../src/generate/visit_generator.ts";
import { hashKey, shardOf } from "../../src/kernel/host/key_hash.ts";
import { murmur2, partitionOf } from "../../src/record/partitioner.ts";
import { openRecordSink } from "./record_sink.ts";

// Generated visits in shapes that the generator does not make, loaded as it
// loads its own.

const SHARDS_MOST = 16;
const KEYS_KEPT_MAX = 300_000;
const LARGE_BYTES = 5_000;
/** Room for the keys at a frame's end, and for one more record. */
const FRAME_SPARE_BYTES = 80 * 1024;

/** What becomes of a generated visit. */
interface ShapedRecord {
  /** Of the record: it leads to its partition. */
  readonly key: string;
  readonly value: string;
}

type Shaper = (line: string, partitionCount: number) => ShapedRecord;

/** Shapes by name. */
export const SHAPES = {
  /** Some 100 bytes: only what a session is made of. */
  small: (line) => {
    const visit = JSON.parse(line);
    const { visit_id, event_time, page } = visit;
    const value = JSON.stringify({ visit_id, event_time, page });
    return { key: visit_id, value };
  },
  /** 5 KB: a member that no session carries makes it so long. */
  large: (line) => {
    const filler = "x".repeat(LARGE_BYTES - line.length);
    const value = `${line.slice(0, -1)}, "filler": "${filler}"}`;
    return { key: visitIdOf(line), value };
  },
  /** Half of the visitors belong to the first shard of 2 to 16. */
  "skewed-keys": skewedKeys(),
  /** Seven of ten visitors are in partition 0. */
  "skewed-partitions": (line, partitionCount) => {
    const draw = spread(visitIdOf(line)) % 10;
    const partition = draw < 7 ? 0 : 1 + (draw % (partitionCount - 1));
    return { key: keyOfPartition(partition, partitionCount), value: line };
  },
} as const satisfies Record<string, Shaper>;

/** A shape's name. */
export type Shape = keyof typeof SHAPES;

/** Where and how much is loaded. */
export interface ShapedLoadOptions {
  readonly brokers: string;
  /** Must be there. */
  readonly topic: string;
  readonly partitionCount: number;
  readonly count: number;
}

/** Loads generated visits in a shape. */
export async function loadShaped(
  shape: Shape,
  options: ShapedLoadOptions,
): Promise<void> {
  const { brokers, topic, partitionCount, count } = options;
  const shaper: Shaper = SHAPES[shape];
  const sink = await openRecordSink(brokers, topic);
  const generator = new VisitGenerator(DEFAULT_GENERATOR);
  const made = new RecordFrame();
  const shaped = new RecordFrame();
  while (!generator.isDone(count)) {
    made.clear();
    generator.fill(made, { visits: count, records: Number.POSITIVE_INFINITY });
    for (const line of linesOf(made)) {
      if (isFull(shaped)) await send();
      add(shaped, shaper(line, partitionCount));
    }
  }
  await send();
  await sink.close();

  async function send(): Promise<void> {
    await sink.write(shaped);
    shaped.clear();
  }
}

function linesOf(frame: RecordFrame): string[] {
  return frame.bytes.toString("latin1", 0, frame.end - 1).split("\n");
}

function isFull(frame: RecordFrame): boolean {
  return frame.isFull || frame.end > frame.bytes.length - FRAME_SPARE_BYTES;
}

function add(frame: RecordFrame, { key, value }: ShapedRecord): void {
  const length = frame.bytes.write(value, frame.end, "latin1");
  frame.addWithKey(length, Buffer.from(key, "latin1"));
}

function keyOfPartition(partition: number, partitionCount: number): string {
  for (let n = 0; ; n++) {
    const key = Buffer.from(String(n));
    const found = partitionOf(murmur2(key, 0, key.length), partitionCount);
    if (found === partition) return key.toString();
  }
}

function skewedKeys(): Shaper {
  const moved = new Map<string, string>();
  return (line) => {
    const key = visitIdOf(line);
    if (spread(key) % 2 === 1) return { key, value: line };
    if (moved.size > KEYS_KEPT_MAX) moved.clear();
    const known = moved.get(key) ?? inFirstShard(key);
    moved.set(key, known);
    return { key: known, value: line.replace(key, known) };
  };
}

/** The key with the first number behind it that leads to the first shard. */
function inFirstShard(key: string): string {
  for (let n = 0; ; n++) {
    const bytes = Buffer.from(`${key}_${n}`);
    const hash = hashKey(bytes, 0, bytes.length);
    if (shardOf(hash, SHARDS_MOST) === 0) return bytes.toString();
  }
}

/** The generator writes the `visit_id` first. */
function visitIdOf(line: string): string {
  const start = line.indexOf(': "') + 3;
  return line.slice(start, line.indexOf('"', start));
}

/** Any even spread of keys, with nothing in common with the product's. */
function spread(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) {
    hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}
