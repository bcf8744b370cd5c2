import {
  REJECT_SESSION_FULL,
  SLAB_BYTES,
  TURN_BUSY,
  TURN_DONE,
  TURN_FIRED,
  TURN_LATE,
  TURN_SESSION_FULL,
} from "../kernel/codes.ts";
import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import type { WindowKernel } from "../kernel/host/window_kernel.ts";
import { LastFiring } from "./last_firing.ts";
import { SessionContext } from "./session_context.ts";
import {
  type LookAnswer,
  type LookMessage,
  SessionLook,
} from "./session_look.ts";
import type {
  LogBatch,
  LogState,
  ShardPlace,
  WindowChanges,
} from "./window_changes.ts";
import { WindowLog } from "./window_log.ts";
import { checkedParameters, PAGE_ORDERS } from "./window_parameters.ts";
import type {
  FiringCounts,
  StoreOutput,
  WindowParameters,
  WindowStore,
} from "./window_store.ts";

/**
 * The session windows of a shard, in the memory of the kernel, which has the
 * rules: `src/kernel/rules/windows.ts`. Here is what goes in and out.
 */
export class KernelStore implements WindowStore, WindowChanges {
  readonly #kernel: WindowKernel;
  readonly #context: SessionContext;
  readonly #firing: LastFiring;
  readonly #log: WindowLog;
  readonly #look: SessionLook;
  #watermarkMs = -Infinity;
  /** Why the kernel can be used no more: it stopped amid its work. */
  #failure: Error | null = null;
  /** `advanceTo` has stopped on its way. */
  #isStepUnfinished = false;

  /** The kernel must not have windows of another store. */
  constructor(parameters: WindowParameters, kernel: WindowKernel) {
    const checked = checkedParameters(parameters);
    this.#kernel = kernel;
    this.#context = new SessionContext(kernel);
    this.#firing = new LastFiring(kernel);
    const run = <Result>(call: () => Result) => this.#run(call);
    this.#log = new WindowLog(kernel, run);
    this.#look = new SessionLook(kernel, { run, context: this.#context });
    kernel.calls.createStore(
      checked.gapMs,
      checked.allowedLatenessMs,
      checked.refireBytesMax,
      checked.sessionBytesMax,
      PAGE_ORDERS[checked.pageOrder],
    );
    kernel.renew();
  }

  get watermarkMs(): number {
    return this.#watermarkMs;
  }

  get openSessions(): number {
    return this.#kernel.calls.openSessions();
  }

  get openVisits(): number {
    return this.#kernel.calls.openVisits();
  }

  get unfiredVisits(): number {
    return this.#kernel.calls.unfiredVisits();
  }

  get openMixedSessions(): number {
    return this.#kernel.calls.openMixedSessions();
  }

  get mixedSessions(): number {
    return this.#kernel.calls.mixedSessions();
  }

  get bytesHeld(): number {
    const { calls } = this.#kernel;
    const slabs = calls.slabsUsed() + calls.slabsSpare();
    return calls.constantsEnd() + slabs * SLAB_BYTES;
  }

  /** `visits` must be those of the kernel. */
  applyVisits(visits: VisitColumns, from: number, out: StoreOutput): number {
    this.#assertSound();
    this.#log.assertIdle("apply visits");
    if (this.#isStepUnfinished) {
      throw new Error("Cannot apply visits: a watermark step is unfinished");
    }
    const kernel = this.#kernel;
    const { calls } = kernel;
    if (visits !== kernel.columns) {
      throw new Error("Cannot apply visits: they are not of this kernel");
    }
    this.#run(() => kernel.takeSpill());
    this.#context.set(out.generationTime, this.#watermarkMs);
    const { count } = visits;
    for (let next = from; next < count; ) {
      const done = this.#run(() => calls.applyVisits(next, count));
      if (done === TURN_DONE) break;
      next = calls.rowAfter();
      if (done === TURN_LATE) out.late(next - 1);
      else if (done === TURN_SESSION_FULL) {
        out.reject(next - 1, REJECT_SESSION_FULL);
      } else if (done === TURN_FIRED) {
        this.#emit(out, visits.offset[next - 1]!);
      }
      if (out.isFull) return next;
    }
    return count;
  }

  advanceTo(watermarkMs: number, out: StoreOutput): boolean {
    this.#assertSound();
    this.#log.assertIdle("move watermark");
    if (!(watermarkMs >= this.#watermarkMs)) {
      throw new RangeError(
        `Cannot move watermark: ${watermarkMs} is behind ${this.#watermarkMs}`,
      );
    }
    const { calls } = this.#kernel;
    this.#watermarkMs = watermarkMs;
    this.#isStepUnfinished = true;
    this.#context.set(out.generationTime, watermarkMs);
    this.#run(() => calls.beginStep(watermarkMs));
    for (;;) {
      const done = this.#run(() => calls.advance());
      if (done === TURN_BUSY) return false;
      if (done === TURN_DONE) break;
      if (done === TURN_FIRED) this.#emit(out, -1);
      if (out.isFull) return false;
    }
    this.#isStepUnfinished = false;
    if (this.#kernel.giveBackIfMuch()) this.#firing.release();
    return true;
  }

  reassign(dropped: ReadonlySet<number>, watermarkMs: number): void {
    const { calls } = this.#kernel;
    this.#assertSound();
    this.#log.endRestore();
    if (dropped.size > 0) this.#drop(dropped);
    this.#isStepUnfinished = false;
    this.#watermarkMs = watermarkMs;
    this.#run(() => calls.restart(watermarkMs));
  }

  keepChanges(options: { readonly logRecordBytesMax?: number }): void {
    this.#log.keep(options.logRecordBytesMax);
  }

  exportChanges(commit: number, bytesMax: number): boolean {
    return this.#log.export(commit, bytesMax);
  }

  get changeBytes(): number {
    return this.#log.byteLength;
  }

  takeChanges(): readonly LogBatch[] {
    return this.#log.take();
  }

  renew(partition: number, beforeCommit: number, bytesMax: number): void {
    this.#log.renew(partition, beforeCommit, bytesMax);
  }

  logStates(): readonly LogState[] {
    return this.#log.states();
  }

  clear(): void {
    this.#run(() => this.#kernel.calls.clearStore());
    this.#log.clear();
    this.#isStepUnfinished = false;
  }

  restore(records: Buffer, count: number, owner: ShardPlace): void {
    this.#log.restore(records, count, owner);
  }

  takeFirings(): FiringCounts {
    return this.#firing.takeCounts();
  }

  look(message: LookMessage): LookAnswer {
    this.#assertSound();
    return this.#look.answer(message, this.#watermarkMs);
  }

  setSourceTopic(id: string): void {
    this.#kernel.setSourceTopic(id);
    this.#firing.sourceTopicId = id;
  }

  /** Forgets the windows whose id is of one of these partitions. */
  #drop(partitions: ReadonlySet<number>): void {
    const kernel = this.#kernel;
    const count = Math.max(...partitions) + 1;
    const marks = this.#run(() => kernel.calls.dropMarks(count)) >>> 0;
    for (const partition of partitions) kernel.bytes[marks + partition] = 1;
    this.#run(() => kernel.calls.dropMarked());
  }

  /** Throws again what has stopped the kernel before. */
  #assertSound(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #run<Result>(call: () => Result): Result {
    this.#assertSound();
    try {
      return call();
    } catch (error) {
      this.#failure = this.#kernel.explain(error);
      throw this.#failure;
    } finally {
      this.#kernel.renew();
    }
  }

  /** Puts out the session that was fired last. */
  #emit(out: StoreOutput, causeOffset: number): void {
    this.#context.assertSet();
    this.#firing.emit(out, causeOffset);
  }
}
