import assert from "node:assert/strict";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { Router } from "../../src/route/router.ts";
import { SessionShard } from "../../src/shard/session_shard.ts";
import { createEncoder } from "../../src/sink/encode/create_encoder.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import { VisitScanner } from "../../src/window/visit_scanner.ts";
import { readerOf } from "./batch_reader.ts";
import { type ScannedRow, scannedRow } from "./scanned_rows.ts";
import { shardOptions } from "./shard_options.ts";

/** Shares no more than a few tasks' worth of records out at once. */
const LIMITS = { inFlightLimitBytes: 64 << 20, outputLimitBytes: 64 << 20 };

/** A scanner that shows the rows which its shard applies. */
class ShownScanner extends VisitScanner {
  readonly rows: ScannedRow[] = [];

  override next(): boolean {
    const hasRows = super.next();
    const { visits } = this;
    for (let row = 0; hasRows && row < visits.count; row++) {
      this.rows.push(scannedRow(visits, row));
    }
    return hasRows;
  }
}

/** A router and the real shards behind it, all in this thread. */
export class RoutedShards {
  readonly #scanners: ShownScanner[] = [];
  readonly #dispatcher: Dispatcher;
  readonly #router: Router;
  #baseOffset = 0;

  constructor(shardCount: number) {
    const shards = Array.from({ length: shardCount }, (_, shard) =>
      this.#createShard(shard, shardCount),
    );
    const run = async (
      shard: number,
      message: Parameters<SessionShard["handle"]>[0],
    ) => ({
      ...shards[shard]!.handle(message),
      threadCpuMs: 0,
    });
    this.#dispatcher = new Dispatcher(
      { size: shardCount, run },
      { ...LIMITS, watermarks: "merged", clock: WALL_CLOCK },
      { onReport: async () => {}, onFailure() {} },
    );
    this.#router = new Router(this.#dispatcher, { routeBy: "visit_id" });
  }

  /** What the shards make of the values, which come as one Kafka batch. */
  async apply(values: readonly Buffer[]): Promise<ScannedRow[]> {
    const baseOffset = this.#baseOffset;
    this.#baseOffset += values.length;
    const records = values.map((value) => ({ key: null, value }));
    this.#router.route(readerOf([{ baseOffset, records }]));
    this.#dispatcher.pump();
    await this.#dispatcher.quiet();
    const rows: ScannedRow[] = [];
    for (const scanner of this.#scanners) {
      for (const row of scanner.rows) rows[row.offset - baseOffset] = row;
      scanner.rows.length = 0;
    }
    assert.equal(Object.keys(rows).length, values.length);
    return rows;
  }

  #createShard(shard: number, shardCount: number): SessionShard {
    const options = shardOptions({ shard, shardCount });
    const { window, maxRecordBytes, encoder } = options;
    const kernel = new WindowKernel();
    const scanner = new ShownScanner({ ...window, maxRecordBytes }, kernel);
    this.#scanners.push(scanner);
    const store = new KernelStore(window, kernel);
    const parts = { scanner, store, encoder: createEncoder(encoder, kernel) };
    return new SessionShard(options, parts);
  }
}
