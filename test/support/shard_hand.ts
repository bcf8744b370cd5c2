import { ShardReport } from "../../src/fleet/shard_report.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import type { SessionShard } from "../../src/shard/session_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import type { ShardOrder } from "../../src/wire/orders.ts";
import type { TaskHeader } from "../../src/wire/task_codec.ts";
import { plainTask } from "./plain_task.ts";
import { shardOptions } from "./shard_options.ts";

/** Of a shard that sends all records back. */
export const OPTIONS = shardOptions({
  keepLate: true,
  keepRejected: true,
  generationTime: "2024-01-01T00:00:00.000000",
});

export const MINUTE_MS = 60_000;
export const START_MS = Date.parse("2024-06-01T00:00:00Z");

/** A shard, and a hand that gives it tasks. */
export class Hand {
  readonly shard: SessionShard;
  sequence = 0;
  #told: Partial<TaskHeader> = {};

  /** `shard`: one that is made already, instead of one with these options. */
  constructor(options: Partial<ShardOptions> = {}, shard?: SessionShard) {
    this.shard = shard ?? createShard({ ...OPTIONS, ...options });
  }

  /** A header says what is new of time; the rest stays as it was told. */
  give(
    visits: readonly string[],
    header: Partial<TaskHeader> = {},
    orders: readonly ShardOrder[] = [],
  ) {
    const sequence = ++this.sequence;
    this.#told = { ...this.#told, ...header };
    const values = visits.map((visit) => Buffer.from(visit));
    const baseOffset = sequence * 1000;
    const message = plainTask(
      { ...this.#told, sequence, ...header },
      values,
      baseOffset,
    );
    const report = this.shard.handle({ ...message, orders });
    return new ShardReport(0, { ...report, threadCpuMs: 0 });
  }
}

/** A visit as JSON. */
export function visit(id: string, atMs: number, page = "home"): string {
  const event_time = new Date(atMs).toISOString();
  return JSON.stringify({ visit_id: id, event_time, page, user_id: "u" });
}
