import assert from "node:assert/strict";
import { ROUND_RECORDS, Rounds } from "../../src/pipeline/rounds.ts";
import type { Chunk } from "../../src/record/chunk.ts";

/** A batch as its header says it, and the event times that are in it. */
export interface PlannedBatch {
  readonly count: number;
  /** Highest event time of its visits, ms; null: none of them is a visit. */
  readonly newestMs: number | null;
}

/** By partition: its batches, in the order of the log. */
export type PlannedLog = readonly (readonly PlannedBatch[])[];

/** What happens by chance in a run: a number below `count`. */
export type Chance = (count: number) => number;

export const BOUND_MS = 1000;
const RULES = { outOfOrdernessMs: BOUND_MS, roundRecords: ROUND_RECORDS };
const HEADER_BYTES = 61;
/** Offsets of a batch, most of which have no record any more. */
const BATCH_OFFSETS = 100_000;

/** Something that main does in the order of what was dealt. */
interface Job {
  readonly work: () => void;
  readonly isReady: () => boolean;
}

/** What a shard does: rows of a batch, or the end of a round. */
type Task =
  | {
      readonly kind: "rows";
      readonly partition: number;
      readonly newestMs: number;
    }
  | { readonly kind: "end"; readonly round: number };

/**
 * Rounds, with a source, a dealer and shards whose every step comes when chance
 * takes it. Notes the order of records, rounds and watermarks: the same for each
 * shard, and to be the same in each run.
 */
export class RoundWorld {
  /** `p@offset+count` for records, `round W` for the end of a round, `end`. */
  readonly notes: string[] = [];
  readonly #log: PlannedLog;
  readonly #chance: Chance;
  readonly #isObedient: boolean;
  readonly #read: number[];
  readonly #told: boolean[];
  readonly #jobs: Job[] = [];
  readonly #shards: Task[][];
  readonly #clocks: Float64Array[];
  readonly #answers = new Map<number, Float64Array[]>();
  readonly #rounds: Rounds;
  isEnded = false;
  /** Partitions whose last records were dealt. */
  readonly finished: number[] = [];
  /** Times that a partition was to be read again. */
  givenBack = 0;
  /** Chunks that were handed over and not given back. */
  lent = 0;

  constructor(
    log: PlannedLog,
    options: {
      readonly chance: Chance;
      readonly workers: number;
      /** The source tells of the wanted partition alone. */
      readonly isObedient: boolean;
    },
  ) {
    this.#log = log;
    this.#chance = options.chance;
    this.#isObedient = options.isObedient;
    this.#read = log.map(() => 0);
    this.#told = log.map(() => false);
    this.#shards = Array.from({ length: options.workers }, () => []);
    this.#clocks = this.#shards.map(() =>
      new Float64Array(log.length).fill(-Infinity),
    );
    this.#rounds = new Rounds(RULES, {
      deal: (chunk) => this.#deal(chunk),
      behind: (work, isReady = () => true) =>
        void this.#jobs.push({ work, isReady }),
      endRound: (round, { watermarkMs }) => this.#endRound(round, watermarkMs),
      finish: (partition) => this.finished.push(partition),
      giveBack: (partition, offset) => {
        this.#read[partition] = Math.floor(offset / BATCH_OFFSETS);
        this.#told[partition] = false;
        this.givenBack++;
      },
      end: () => {
        this.notes.push("end");
        this.isEnded = true;
      },
    });
    this.#rounds.begin([...log.keys()]);
  }

  /** Goes on until nothing can be done, or until so many steps were made. */
  run(stepsMax = Infinity): void {
    for (let steps = 0; steps < stepsMax; steps++) {
      while (this.#rounds.step());
      const actions = [...this.#actions()];
      if (actions.length === 0) return;
      actions[this.#chance(actions.length)]!();
    }
  }

  /** Stops it as a signal does: nothing more is read, the rest is applied. */
  stop(): void {
    this.#rounds.close();
    for (;;) {
      const actions = [...this.#shardActions()];
      if (actions.length === 0) return;
      actions[this.#chance(actions.length)]!();
    }
  }

  *#actions(): Iterable<() => void> {
    if (!this.#rounds.waitsForAnswer && !this.isEnded) {
      const wanted = this.#rounds.wanted[0]?.partition;
      for (const partition of this.#log.keys()) {
        if (this.#isObedient && partition !== wanted) continue;
        if (!this.#told[partition]) yield () => this.#tell(partition);
      }
    }
    yield* this.#shardActions();
  }

  *#shardActions(): Iterable<() => void> {
    const job = this.#jobs[0];
    if (job?.isReady()) yield () => this.#jobs.shift()!.work();
    for (const [shard, tasks] of this.#shards.entries()) {
      if (tasks.length > 0) yield () => this.#apply(shard, tasks.shift()!);
    }
  }

  /** The next batches of a partition as a chunk, or that there are no more. */
  #tell(partition: number): void {
    const batches = this.#log[partition]!;
    const from = this.#read[partition]!;
    if (from === batches.length) {
      this.#told[partition] = true;
      this.#rounds.finish(partition);
      return;
    }
    const to = from + 1 + this.#chance(Math.min(4, batches.length - from));
    this.#read[partition] = to;
    this.lent++;
    let isLent = true;
    const release = () => {
      assert.ok(isLent, "a chunk is given back twice");
      isLent = false;
      this.lent--;
    };
    this.#rounds.take(chunkOf(batches, { partition, from, to, release }));
  }

  #deal(chunk: Chunk): void {
    const work = () => {
      for (const start of chunk.starts) {
        const { partition, bytes } = chunk;
        const index = bytes.readInt32BE(start + 12);
        const { count, newestMs } = this.#log[partition]![index]!;
        if (count > 0) this.notes.push(`${partition}@${index}+${count}`);
        // Some shard has its newest visit.
        const shard = index % this.#shards.length;
        const ms = newestMs ?? -Infinity;
        this.#shards[shard]!.push({ kind: "rows", partition, newestMs: ms });
      }
      chunk.release();
    };
    this.#jobs.push({ work, isReady: () => true });
  }

  #endRound(round: number, watermarkMs: number): void {
    this.notes.push(`${round} ${watermarkMs}`);
    this.#answers.set(round, []);
    for (const tasks of this.#shards) tasks.push({ kind: "end", round });
  }

  #apply(shard: number, task: Task): void {
    const clocksMs = this.#clocks[shard]!;
    if (task.kind === "rows") {
      const { partition, newestMs } = task;
      clocksMs[partition] = Math.max(clocksMs[partition]!, newestMs);
      return;
    }
    const answers = this.#answers.get(task.round)!;
    answers.push(clocksMs.slice());
    if (answers.length < this.#shards.length) return;
    const merged = clocksMs.map((_, partition) =>
      Math.max(...answers.map((each) => each[partition]!)),
    );
    this.#rounds.answer(task.round, merged);
  }
}

/** Batches `from` to `to` as a chunk: headers alone, the epoch is the index. */
function chunkOf(
  batches: readonly PlannedBatch[],
  chunk: Pick<Chunk, "partition" | "release"> & { from: number; to: number },
): Chunk {
  const { partition, from, to, release } = chunk;
  const starts: number[] = [];
  const bytes = Buffer.from(new SharedArrayBuffer((to - from) * HEADER_BYTES));
  let count = 0;
  for (let index = from; index < to; index++) {
    const start = (index - from) * HEADER_BYTES;
    starts.push(start);
    bytes.writeBigInt64BE(BigInt(index * BATCH_OFFSETS), start);
    bytes.writeInt32BE(HEADER_BYTES - 12, start + 8);
    bytes.writeInt32BE(index, start + 12);
    bytes.writeInt32BE(BATCH_OFFSETS - 1, start + 23);
    bytes.writeInt32BE(batches[index]!.count, start + 57);
    count += batches[index]!.count;
  }
  const place = { bytes, starts, byteLength: bytes.length, count };
  const range = { firstOffset: 0, endOffset: Infinity };
  const rest = { fetchedAtMs: 0, newestMs: -1, isOwn: false };
  return { partition, release, ...place, ...range, ...rest };
}

/** The notes by round: what its records are, and what watermark follows them. */
export function roundsOf(notes: readonly string[]) {
  const rounds: { batches: string[]; watermarkMs: number }[] = [];
  let batches: string[] = [];
  for (const note of notes) {
    if (note.includes("@")) batches.push(note);
    else if (note !== "end") {
      const [round, watermark] = note.split(" ");
      assert.equal(Number(round), rounds.length + 1);
      rounds.push({ batches, watermarkMs: Number(watermark) });
      batches = [];
    }
  }
  assert.deepEqual(batches, [], "records behind the last round");
  return rounds;
}

/** What a note of records says. */
export function placeOf(note: string) {
  const [partition, index, count] = note.split(/[@+]/).map(Number);
  return { partition: partition!, index: index!, count: count! };
}
