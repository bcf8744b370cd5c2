import type { SharedTime } from "../watermark/shared_time.ts";
import type { PostedReport } from "../wire/messages.ts";
import { NO_ORDERS } from "../wire/orders.ts";
import type { Barriers } from "./barriers.ts";
import {
  type DispatcherListener,
  type FleetClock,
  type ReportedTasks,
  type ShardRunner,
  skewNowMs,
} from "./dispatcher_parts.ts";
import type { InFlight } from "./in_flight.ts";
import type { OutputFlow } from "./output_flow.ts";
import { RoundClocks } from "./round_clocks.ts";
import { fetchedAtMs, type ShardLink, type TaskOptions } from "./shard_link.ts";
import { ShardReport } from "./shard_report.ts";
import type { Waiters } from "./waiters.ts";

/** What an exchange works with. */
export interface ExchangeParts {
  readonly pool: Pick<ShardRunner, "size" | "run">;
  readonly listener: DispatcherListener;
  readonly clock: FleetClock;
  readonly time: SharedTime;
  readonly barriers: Barriers;
  readonly output: OutputFlow;
  readonly inFlight: InFlight;
  readonly waiters: Waiters;
  /** Something was done: more may be sent. */
  goOn(): void;
}

/**
 * Sends the shards their tasks and takes their reports: the time in them to the
 * other shards, the bytes in them to the outputs, their answers to who asked.
 */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #rounds: RoundClocks;

  constructor(parts: ExchangeParts) {
    const { pool, listener } = parts;
    this.#parts = parts;
    this.#rounds = new RoundClocks(pool.size, (round, clocksMs) =>
      listener.onRound?.(round, clocksMs),
    );
  }

  /** Sends a shard its batch, which may be empty, with the news of time. */
  send(link: ShardLink, options: Partial<TaskOptions> = {}): void {
    const { pool, clock, time, waiters } = this.#parts;
    waiters.attempt(() => {
      const message = link.nextTask(time.news, {
        nowMs: clock.nowMs(),
        skewNowMs: skewNowMs(clock),
        isFollowed: false,
        round: 0,
        orders: NO_ORDERS,
        ...options,
      });
      pool.run(link.shard, message).then(
        (report) => waiters.attempt(() => this.#receive(link, report)),
        (error) => waiters.lose(error),
      );
    });
  }

  /** The same for several shards: all get the same news. */
  sendAll(
    links: readonly ShardLink[],
    options: Partial<TaskOptions> = {},
  ): void {
    for (const link of links) this.send(link, options);
  }

  #receive(link: ShardLink, message: PostedReport): void {
    const { time, inFlight, barriers } = this.#parts;
    const report = new ShardReport(link.shard, message);
    const applied = link.take(report);
    const { begun } = link;
    const touched = begun === null ? applied : [...applied, begun];
    for (const { held } of applied) for (const each of held) each.release();
    inFlight.learn(report.scanned);
    this.#rounds.take(link.shard, report.answers);
    if (link.isOfAssignment) {
      const causeMs =
        touched.map(fetchedAtMs).find((ms) => ms !== null) ?? null;
      const { localWatermarkMs, clocksMs } = report;
      time.merge(link.shard, { localWatermarkMs, clocksMs, causeMs });
    }
    // The report that answers a barrier is before it.
    const isBehind = barriers.isBehind(link.shard);
    this.#deliver(link, report, { applied, touched, isBehind });
    this.#takeBarrier(report);
    this.#parts.goOn();
  }

  #deliver(
    link: ShardLink,
    report: ShardReport,
    of: ReportedTasks & { readonly isBehind: boolean },
  ): void {
    const { listener, output, waiters } = this.#parts;
    const written = output.reported(report.payloadLength, of.isBehind);
    listener.onReport(report, of).then(
      () =>
        waiters.attempt(() => {
          written();
          if (report.payload !== null) link.giveBack(report.payload);
          this.#parts.goOn();
        }),
      (error) => waiters.lose(error),
    );
  }

  #takeBarrier({ shard, answers }: ShardReport): void {
    const { barriers, output, listener } = this.#parts;
    const { commit } = barriers;
    const passed = barriers.take(shard, answers);
    if (passed === null) return;
    output.passBarrier();
    listener.onBarrier?.(commit, passed);
  }
}
