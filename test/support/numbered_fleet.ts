import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import type { Random } from "../../src/generate/random.ts";
import type { Chunk, ChunkPlace } from "../../src/record/chunk.ts";
import type {
  LookAnswer,
  LookMessage,
  PostedReport,
  RowPart,
  ScanAnswer,
  ScanMessage,
  TaskMessage,
} from "../../src/wire/messages.ts";
import { encodeReport } from "../../src/wire/report_codec.ts";
import { decodeTask } from "../../src/wire/task_codec.ts";
import { rowPartsOf } from "./dealt_rows.ts";
import { reportFields } from "./report_fields.ts";

/** Where its numbers begin in a chunk: behind a header, which is all zero. */
const NUMBERS_AT = 64;
const NUMBER_BYTES = 4;
/** What is written over memory that is given back. */
const RUBBISH = 0xff;

/** A chunk whose records are numbers. */
export interface NumberedChunk extends Chunk {
  readonly numbers: readonly number[];
  releases: number;
}

/** A chunk of these numbers; what is left of it after its release is rubbish. */
export function numberedChunk(
  numbers: readonly number[],
  options: { partition?: number; byteLength?: number } = {},
): NumberedChunk {
  const { partition = 0, byteLength = numbers.length * NUMBER_BYTES } = options;
  const end = NUMBERS_AT + numbers.length * NUMBER_BYTES;
  const bytes = Buffer.from(new SharedArrayBuffer(end));
  numbers.forEach((number, i) => {
    bytes.writeUInt32LE(number, NUMBERS_AT + i * NUMBER_BYTES);
  });
  return {
    ...{ partition, numbers, bytes, byteLength },
    starts: [0],
    fetchedAtMs: 0,
    newestMs: -1,
    firstOffset: 0,
    endOffset: Infinity,
    count: numbers.length,
    isOwn: true,
    releases: 0,
    release() {
      this.releases++;
      bytes.fill(RUBBISH);
    },
  };
}

/** Chunks of so many numbers each, which count up over all of them. */
export function numberedChunks(
  sizes: readonly number[],
  byteLength?: number,
): NumberedChunk[] {
  let next = 0;
  return sizes.map((size, i) => {
    const numbers = Array.from({ length: size }, () => next++);
    const options = byteLength === undefined ? {} : { byteLength };
    return numberedChunk(numbers, { ...options, partition: i % 3 });
  });
}

/** A dispatcher of a fleet whose reports nobody reads, and what ends its job. */
export function toldDispatcher(
  fleet: ShardRunner,
  inFlightLimitBytes: number,
  sharedRecordsMax = 0,
) {
  const failures: unknown[] = [];
  const dispatcher = new Dispatcher(
    fleet,
    {
      ...{ inFlightLimitBytes, outputLimitBytes: 1 << 20, sharedRecordsMax },
      ...{ watermarks: "told", topic: "visits", keepsRecords: false },
      clock: WALL_CLOCK,
    },
    {
      onReport: async () => {},
      onFailure: (error) => failures.push(error),
    },
  );
  return { dispatcher, failures };
}

/** The shard of a number. */
export function ownerOf(number: number, shardCount: number): number {
  return (number >>> 2) % shardCount;
}

/**
 * Threads that scan and apply numbers, first in, first out each, but slow and
 * quick by turns. An applied task may be reported later than it is answered, as
 * when a report was full.
 */
export class NumberedFleet implements ShardRunner {
  readonly size: number;
  /** By shard: the numbers that it has applied, in this order. */
  readonly applied: number[][];
  /** Unpacked bytes of each number, as scans tell them. */
  recordBytes = NUMBER_BYTES;
  scans = 0;
  readonly #random: Pick<Random, "below">;
  readonly #last: Promise<unknown>[] = [];
  /** By shard: the last task that it says is applied. */
  readonly #told: number[];

  constructor(size: number, random: Pick<Random, "below">) {
    this.size = size;
    this.#random = random;
    this.applied = Array.from({ length: size }, () => []);
    this.#told = new Array(size).fill(0);
  }

  run(shard: number, message: TaskMessage): Promise<PostedReport> {
    return this.#inTurn(shard, () => this.#apply(shard, message));
  }

  scan(thread: number, message: ScanMessage): Promise<ScanAnswer> {
    this.scans++;
    return this.#inTurn(thread, () => this.#scan(message));
  }

  look(shard: number, { kind }: LookMessage): Promise<LookAnswer> {
    throw new Error(`Cannot ${kind} sessions of ${shard}: they are numbers`);
  }

  #inTurn<T>(thread: number, work: () => T): Promise<T> {
    const before = this.#last[thread] ?? Promise.resolve();
    const done = before.then(async () => {
      for (let turns = this.#random.below(4); turns > 0; turns--) {
        await nextTurn();
      }
      return work();
    });
    this.#last[thread] = done.catch(() => {});
    return done;
  }

  #apply(shard: number, message: TaskMessage): PostedReport {
    const task = decodeTask(message.envelope);
    const owned = message.shared.map(({ chunk }) =>
      chunkNumbers(chunk).filter((it) => ownerOf(it, this.size) === shard),
    );
    const numbers = [
      ...message.chunks.flatMap(chunkNumbers),
      ...rowPartsOf(message.rows).flatMap(rowNumbers),
      ...owned.flat(),
    ];
    for (const each of numbers) {
      assert.equal(ownerOf(each, this.size), shard, "a foreign number");
    }
    this.applied[shard]!.push(...numbers);
    const sequence = task.sequence();
    const isFull = this.#random.below(3) === 0;
    if (!isFull) this.#told[shard] = sequence;
    const appliedSequence = this.#told[shard]!;
    const fields = { ...reportFields(), sequence, appliedSequence };
    const counts = owned.map(({ length }) => length);
    return {
      envelope: encodeReport({ ...fields, localWatermarkMs: -Infinity }),
      payload: null,
      answers: counts.length > 0 ? [{ kind: "owned", sequence, counts }] : [],
      threadCpuMs: 0,
    };
  }

  /** Groups as the kernel does: as much as fits, then what is left. */
  #scan({ chunk, out }: ScanMessage): ScanAnswer {
    const numbers = chunkNumbers(chunk);
    const halves = [
      numbers.slice(0, numbers.length >> 1),
      numbers.slice(numbers.length >> 1),
    ];
    const needed = numbers.length * NUMBER_BYTES;
    const isGrown = needed > out.byteLength;
    const memory = isGrown ? new SharedArrayBuffer(2 * needed) : out;
    const bytes = Buffer.from(memory);
    const groups: number[] = [];
    let at = 0;
    for (const half of halves) {
      for (let shard = 0; shard < this.size; shard++) {
        const own = half.filter((each) => ownerOf(each, this.size) === shard);
        if (own.length === 0) continue;
        groups.push(shard, at, own.length * NUMBER_BYTES, own.length);
        for (const each of own) at = bytes.writeUInt32LE(each, at);
      }
    }
    return {
      groups: Int32Array.from(groups),
      out: isGrown ? memory : null,
      records: null,
      recordBytes: numbers.length * this.recordBytes,
    };
  }
}

function chunkNumbers({ memory, starts }: ChunkPlace): number[] {
  assert.deepEqual([...starts], [0]);
  return readNumbers(Buffer.from(memory).subarray(NUMBERS_AT));
}

function rowNumbers({ memory, at, byteLength, count }: RowPart): number[] {
  const numbers = readNumbers(Buffer.from(memory, at, byteLength));
  assert.equal(numbers.length, count);
  return numbers;
}

function readNumbers(bytes: Buffer): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length; at += NUMBER_BYTES) {
    numbers.push(bytes.readUInt32LE(at));
  }
  return numbers;
}
