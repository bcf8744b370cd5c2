import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import type {
  StoreOutput,
  WindowParameters,
} from "../../src/window/window_store.ts";
import { assertStoreSound, createDebugKernel } from "./debug_kernel.ts";
import { LendingStore } from "./lending_store.ts";

/**
 * A store on the debug build of the kernel, all of whose memory is walked after
 * each step: throws an `Error` as soon as something is wrong with it.
 */
export class VerifiedStore extends LendingStore {
  constructor(parameters: WindowParameters) {
    super(parameters, createDebugKernel());
    this.verify();
  }

  /** Walks the memory. */
  verify(): void {
    assertStoreSound(this.kernel);
  }

  override applyVisits(
    visits: VisitColumns,
    from: number,
    out: StoreOutput,
  ): number {
    const applied = super.applyVisits(visits, from, out);
    this.verify();
    return applied;
  }

  override advanceTo(watermarkMs: number, out: StoreOutput): boolean {
    const isDone = super.advanceTo(watermarkMs, out);
    this.verify();
    return isDone;
  }

  override exportChanges(commit: number, bytesMax: number): boolean {
    const isDone = super.exportChanges(commit, bytesMax);
    this.verify();
    return isDone;
  }

  override renew(
    partition: number,
    beforeCommit: number,
    bytesMax: number,
  ): void {
    super.renew(partition, beforeCommit, bytesMax);
    this.verify();
  }

  override clear(): void {
    super.clear();
    this.verify();
  }

  override reassign(dropped: ReadonlySet<number>, watermarkMs: number): void {
    super.reassign(dropped, watermarkMs);
    this.verify();
  }
}
