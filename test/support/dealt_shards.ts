import assert from "node:assert/strict";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { createReader, createScanner } from "../../src/shard/create_shard.ts";
import type { TaskReader } from "../../src/shard/part_reader.ts";
import { SessionShard } from "../../src/shard/session_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import { createEncoder } from "../../src/sink/encode/create_encoder.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import { packRowParts } from "../../src/window/row_part.ts";
import { placedChunk } from "./built_chunk.ts";
import { scanParts } from "./dealt_rows.ts";
import { plainTask } from "./plain_task.ts";
import { type ReadRow, readRow } from "./read_rows.ts";
import { shardOptions } from "./shard_options.ts";

/** The real shards, and the scan before them if there are several. */
export class DealtShards {
  readonly #shardCount: number;
  /** Each shard gets all records, and scans them itself. */
  readonly #isShared: boolean;
  readonly #shards: SessionShard[];
  /** Rows that the shards have read. */
  readonly #rows: ReadRow[] = [];
  readonly #scanner;
  #baseOffset = 0;
  #sequence = 0;

  constructor(shardCount: number, { isShared = false } = {}) {
    this.#shardCount = shardCount;
    this.#isShared = isShared;
    this.#shards = Array.from({ length: shardCount }, (_, shard) =>
      this.#createShard(shardOptions({ shard, shardCount })),
    );
    this.#scanner = createScanner(shardOptions({ shardCount }));
  }

  /** What the shards make of the values, which come as one Kafka batch. */
  apply(values: readonly Buffer[]): ReadRow[] {
    const baseOffset = this.#baseOffset;
    this.#baseOffset += values.length;
    const records = values.map((value) => ({ key: null, value }));
    const chunk = placedChunk([{ baseOffset, records }]);
    const task = plainTask({ sequence: ++this.#sequence });
    const shardCount = this.#shardCount;
    if (shardCount === 1) {
      this.#shards[0]!.handle({ ...task, chunks: [chunk] });
    } else if (this.#isShared) {
      const shared = [{ chunk, nowMs: 0 }];
      for (const shard of this.#shards) shard.handle({ ...task, shared });
    } else {
      const parts = scanParts(this.#scanner, chunk, { shardCount });
      for (const [shard, ofShard] of parts.entries()) {
        const rows = packRowParts(ofShard);
        this.#shards[shard]!.handle({ ...task, rows });
      }
    }
    const rows: ReadRow[] = [];
    for (const row of this.#rows) rows[row.offset - baseOffset] = row;
    assert.equal(this.#rows.length, values.length);
    assert.equal(Object.keys(rows).length, values.length);
    this.#rows.length = 0;
    return rows;
  }

  #createShard(options: ShardOptions): SessionShard {
    const { window, encoder } = options;
    const kernel = new WindowKernel();
    return new SessionShard(options, {
      reader: shown(createReader(options, kernel), this.#rows),
      store: new KernelStore(window, kernel),
      encoder: createEncoder(encoder, kernel),
    });
  }
}

/** A reader that shows the rows which its shard applies. */
function shown(reader: TaskReader, rows: ReadRow[]): TaskReader {
  const next = reader.next.bind(reader);
  reader.next = () => {
    const hasRows = next();
    for (let row = 0; hasRows && row < reader.visits.count; row++) {
      rows.push(readRow(reader, row));
    }
    return hasRows;
  };
  return reader;
}
