import { WorldError } from "../errors.ts";
import type { Dispatcher } from "../fleet/dispatcher.ts";
import { batchedByteLength } from "../fleet/shard_batch.ts";
import type { ShardLink } from "../fleet/shard_link.ts";
import { hashKey, shardOf } from "../kernel/host/key_hash.ts";
import {
  newCursor,
  newRun,
  type RecordBatch,
  type RecordCursor,
  type RecordRun,
} from "../record/record_batch.ts";
import { RecordReader } from "../record/record_reader.ts";
import { Scatterer } from "./scatterer.ts";
import { VisitIdFinder } from "./visit_id_finder.ts";

/** How the shard of a record is chosen. */
export interface RouterOptions {
  /** `key`: trust the record key to be the `visit_id`. */
  readonly routeBy: "visit_id" | "key";
}

/** Where the key and the value of a record are. */
type KeyedRecord = Pick<
  RecordCursor,
  "bytes" | "keyStart" | "keyLength" | "valueStart" | "valueLength"
>;

/** Copies raw records into the batches of the shards that own them. */
export class Router {
  readonly #dispatcher: Dispatcher;
  readonly #options: RouterOptions;
  readonly #finder = new VisitIdFinder();
  readonly #record = new RecordReader();
  readonly #cursor = newCursor();
  readonly #run = newRun();
  /** Null where one shard gets all. */
  readonly #scatterer: Scatterer | null;

  constructor(dispatcher: Dispatcher, options: RouterOptions) {
    const { length } = dispatcher.links;
    this.#dispatcher = dispatcher;
    this.#options = options;
    this.#scatterer =
      length === 1 ? null : new Scatterer(length, options.routeBy);
  }

  /** Routes all records of a batch, and releases it; returns their number. */
  route(batch: RecordBatch): number {
    let count = 0;
    for (;;) {
      const runCount = this.#routeRun(batch);
      if (runCount === 0 && !this.#routeRecord(batch)) break;
      count += Math.max(1, runCount);
    }
    batch.release();
    return count;
  }

  /** Routes many records at once; returns their number, 0 when it cannot. */
  #routeRun(batch: RecordBatch): number {
    const run = this.#run;
    if (!batch.nextRun?.(run, this.#dispatcher.batchBytes)) return 0;
    const { count } = run;
    if (this.#scatterer === null) this.#add(0, run, batch);
    else this.#scatterRun(this.#scatterer, batch);
    return count;
  }

  /** Takes a run apart, and adds its records to the batches of many shards. */
  #scatterRun(scatterer: Scatterer, batch: RecordBatch): void {
    const run = this.#run;
    const part = { ...run };
    scatterer.open(part);
    while (part.count > 0) {
      const dealt = scatterer.deal(part, (shard, records) =>
        this.#add(shard, records, batch),
      );
      if (dealt === 0) this.#routeFirst(part, batch);
    }
    if (part.start !== part.end) throw corrupt(run, batch);
  }

  /** Adds records that stand together to the batch of a shard. */
  #add(shard: number, records: RecordRun, batch: RecordBatch): void {
    const link = this.#dispatcher.links[shard]!;
    this.#makeRoom(link, records.end - records.start, records.count);
    link.batch.addRun(records, batch);
  }

  /** Routes the first record of a run, which then begins behind it. */
  #routeFirst(run: RecordRun, batch: RecordBatch): void {
    const record = this.#record;
    const { bytes, start } = run;
    if (!record.read(bytes, start, run.end)) throw corrupt(run, batch);
    const shard = this.#shardOf({ ...record, bytes });
    this.#add(shard, { ...run, end: record.end, count: 1 }, batch);
    run.start = record.end;
    run.count--;
  }

  /** Routes a record; false when there is none. */
  #routeRecord(batch: RecordBatch): boolean {
    const cursor = this.#cursor;
    if (!batch.next(cursor)) return false;
    const link = this.#dispatcher.links[this.#shardOf(cursor)]!;
    this.#makeRoom(link, batchedByteLength(cursor), 1);
    link.batch.add(cursor, batch);
    return true;
  }

  /** Sends the batch of a shard first when records do not fit into it. */
  #makeRoom(link: ShardLink, byteLength: number, count: number): void {
    if (link.batch.fits(byteLength, count)) return;
    if (link.batch.count > 0) this.#dispatcher.sendFull(link);
    link.makeRoom(byteLength);
  }

  /** A record in which no key is found goes to shard 0, which rejects it. */
  #shardOf(record: KeyedRecord): number {
    const shardCount = this.#dispatcher.links.length;
    if (shardCount === 1) return 0;
    if (this.#options.routeBy === "key") {
      const { bytes, keyStart, keyLength } = record;
      if (keyLength <= 0) return 0;
      return shardOf(hashKey(bytes, keyStart, keyLength), shardCount);
    }
    const finder = this.#finder;
    if (
      record.valueLength <= 0 ||
      !finder.find(record.bytes, record.valueStart, record.valueLength)
    ) {
      return 0;
    }
    const { keyBytes, keyStart, keyLength } = finder;
    return shardOf(hashKey(keyBytes, keyStart, keyLength), shardCount);
  }
}

function corrupt({ base }: RecordRun, { partition }: RecordBatch): WorldError {
  return new WorldError(
    `Cannot route records of partition ${partition}, from offset ` +
      `${base.offset} on: one reaches past its end`,
  );
}
