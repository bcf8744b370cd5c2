import type { SessionEncoder } from "../sink/encode/session_encoder.ts";
import { generationTimeText } from "../window/iso_text.ts";
import type { WindowChanges } from "../window/window_changes.ts";
import type { WindowStore } from "../window/window_store.ts";
import { gaugeValues } from "../wire/counters.ts";
import type {
  LookAnswer,
  LookMessage,
  ReportMessage,
  TaskMessage,
} from "../wire/messages.ts";
import type { TaskReader } from "./part_reader.ts";
import { ReportPacker } from "./report_packer.ts";
import type { ShardOptions } from "./shard_options.ts";
import { ShardOutput } from "./shard_output.ts";
import { ShardTime } from "./shard_time.ts";
import { type TaskParts, TaskRun } from "./task_run.ts";
import { WindowRestore } from "./window_restore.ts";

/** What a shard is made of, beside its options. */
export interface ShardParts {
  readonly reader: TaskReader;
  readonly store: WindowStore;
  /** What changes in the store, where that is to be put out. */
  readonly changes?: WindowChanges;
  readonly encoder: SessionEncoder;
}

/**
 * One shard: a pure function from tasks to reports. Tasks are applied in order.
 * A report is sent when its output is full, wherever the work stands, and at a
 * barrier; what is left is a backlog that the next task, of whatever kind, goes
 * on with.
 */
export class SessionShard {
  readonly #parts: TaskParts;
  readonly #packer: ReportPacker;
  readonly #backlog: TaskRun[] = [];
  #sequence = 0;
  #appliedSequence = 0;
  /** The last report left a little output to the next one, which must not. */
  #isOutputWaiting = false;

  constructor(options: ShardOptions, parts: ShardParts) {
    const { reader, store, changes = null, encoder } = parts;
    changes?.keepChanges({});
    this.#parts = {
      ...{ options, reader, store, changes },
      restore: new WindowRestore(changes, options),
      time: new ShardTime(options.window.outOfOrdernessMs),
      out: new ShardOutput(encoder, reader, {
        ...{ ...options, store, changes },
      }),
    };
    const { reportBytes } = this.#parts.out;
    this.#packer = new ReportPacker(reportBytes, options.outputBytes);
  }

  /** Bytes of memory that its windows hold. */
  get bytesHeld(): number {
    return this.#parts.store.bytesHeld;
  }

  /** Takes a task; answers with what was done until the output was full. */
  handle(message: TaskMessage): ReportMessage {
    const { options, out } = this.#parts;
    const run = new TaskRun(message, this.#parts);
    const { task } = run;
    this.#expectSequence(task.sequence());
    for (const spare of message.spares) this.#packer.reuse(spare);
    this.#backlog.push(run);
    out.generationTime =
      options.generationTime ?? generationTimeText(task.nowMs());
    out.begin();
    this.#work();
    return this.#report(task.isFollowed());
  }

  /** Says what sessions there are, between two tasks; changes nothing. */
  look(message: LookMessage): LookAnswer {
    const { restore, store } = this.#parts;
    if (restore.isUnderWay) return { kind: "restoring" };
    return store.look(message);
  }

  #expectSequence(sequence: number): void {
    if (sequence !== this.#sequence + 1) {
      throw new Error(
        `Cannot apply task to shard ${this.#parts.options.shard}: its sequence ` +
          `is ${sequence}, expected ${this.#sequence + 1}`,
      );
    }
    this.#sequence = sequence;
  }

  #work(): void {
    for (;;) {
      const run = this.#backlog[0];
      if (run === undefined || !run.goOn()) return;
      this.#backlog.shift();
      this.#appliedSequence = run.task.sequence();
    }
  }

  #report(isFollowed: boolean): ReportMessage {
    const { out, store, time } = this.#parts;
    const { byteLength } = out;
    const isLittle = byteLength > 0 && byteLength < out.reportBytes;
    const mayWait = isFollowed && !this.#isOutputWaiting;
    const waits = mayWait && isLittle && this.#backlog.length === 0;
    this.#isOutputWaiting = waits;
    const fields = {
      sequence: this.#sequence,
      appliedSequence: this.#appliedSequence,
      localWatermarkMs: time.localWatermarkMs,
      clocksMs: time.clocksMs,
      gauges: gaugeValues(store),
    };
    return waits
      ? this.#packer.packCounters(out, fields)
      : this.#packer.pack(out, fields);
  }
}
