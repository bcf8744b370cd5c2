import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import type {
  LogBatch,
  LogState,
  ShardPlace,
  WindowChanges,
} from "../../src/window/window_changes.ts";
import type {
  StoreOutput,
  WindowParameters,
} from "../../src/window/window_store.ts";
import { ForwardingStore } from "./forwarding_store.ts";

/**
 * The store of a kernel that takes visits from anywhere: it lends them the rows
 * of the kernel, as many at a time as there are.
 */
export class LendingStore
  extends ForwardingStore<KernelStore>
  implements WindowChanges
{
  readonly kernel: WindowKernel;

  constructor(parameters: WindowParameters, kernel = new WindowKernel()) {
    super(new KernelStore(parameters, kernel));
    this.kernel = kernel;
  }

  override applyVisits(
    visits: VisitColumns,
    from: number,
    out: StoreOutput,
  ): number {
    const { columns } = this.kernel;
    let first = from;
    do {
      const end = Math.min(visits.count, first + columns.capacity);
      lend(visits, first, end, columns);
      const start = first;
      const lent: StoreOutput = {
        get isFull() {
          return out.isFull;
        },
        generationTime: out.generationTime,
        emit: (value, length, session) => out.emit(value, length, session),
        late: (index) => out.late(start + index),
        reject: (index, code) => out.reject(start + index, code),
      };
      const applied = this.store.applyVisits(columns, 0, lent);
      first += applied;
      if (first < end || (applied > 0 && out.isFull)) return first;
    } while (first < visits.count);
    return first;
  }

  keepChanges(options: { readonly logRecordBytesMax?: number }): void {
    this.store.keepChanges(options);
  }

  exportChanges(commit: number, bytesMax: number): boolean {
    return this.store.exportChanges(commit, bytesMax);
  }

  get changeBytes(): number {
    return this.store.changeBytes;
  }

  takeChanges(): readonly LogBatch[] {
    return this.store.takeChanges();
  }

  renew(partition: number, beforeCommit: number, bytesMax: number): void {
    this.store.renew(partition, beforeCommit, bytesMax);
  }

  logStates(): readonly LogState[] {
    return this.store.logStates();
  }

  clear(): void {
    this.store.clear();
  }

  restore(records: Buffer, count: number, owner: ShardPlace): void {
    this.store.restore(records, count, owner);
  }
}

/** Copies the visits `[first, end)` into the rows of a kernel. */
function lend(
  visits: VisitColumns,
  first: number,
  end: number,
  rows: VisitColumns,
): void {
  rows.reset(rows.bytes, end - first);
  for (let index = first; index < end; index++) {
    const row = index - first;
    rows.outcome[row] = visits.outcome[index]!;
    rows.partition[row] = visits.partition[index]!;
    rows.offset[row] = visits.offset[index]!;
    rows.timestampMs[row] = visits.timestampMs[index]!;
    rows.keyHash[row] = visits.keyHash[index]!;
    for (const name of ["key", "time", "page", "user"] as const) {
      const start = visits[`${name}Start`][index]!;
      const length = visits[`${name}Length`][index]!;
      const bytes = start >= 0 ? visits.bytes : visits.spill;
      const at = start >= 0 ? start : ~start;
      rows[`${name}Start`][row] = rows.pushSpill(
        bytes.toString("latin1", at, at + Math.max(0, length)),
      );
      rows[`${name}Length`][row] = length;
    }
  }
}
