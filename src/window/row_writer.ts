import { hashKey, shardOf } from "../kernel/host/key_hash.ts";
import type { WindowKernel } from "../kernel/host/window_kernel.ts";
import { longRowBytes, writeLongRow } from "./long_row.ts";
import { VISIT } from "./rejection.ts";
import { SharedRoom } from "./shared_room.ts";

/** Among whom rows are dealt out, and by what. */
export interface RowOwners {
  readonly shardCount: number;
  readonly routeBy: "visit_id" | "key";
}

/** Writes the kernel's rows into shared memory, those of each shard together. */
export class RowWriter {
  readonly #kernel: WindowKernel;
  readonly #owners: RowOwners;
  #room = new SharedRoom(new SharedArrayBuffer(0));
  #groups: number[] = [];

  /** The kernel must not have windows. */
  constructor(kernel: WindowKernel, owners: RowOwners) {
    this.#kernel = kernel;
    this.#owners = owners;
    const isByKey = owners.routeBy === "key" ? 1 : 0;
    kernel.calls.createGroups(owners.shardCount, isByKey);
    kernel.renew();
  }

  /** Begins anew, from the start of that memory. */
  open(memory: SharedArrayBuffer): void {
    this.#room = new SharedRoom(memory);
    this.#groups = [];
    const { calls } = this.#kernel;
    const { shardCount } = this.#owners;
    for (let shard = 0; shard < shardCount; shard++) calls.clearGroup(shard);
  }

  /**
   * Takes the rows that the kernel holds, whose records stand `base` bytes behind
   * the place that they have there.
   */
  add(base: number): void {
    const kernel = this.#kernel;
    const { calls, columns } = kernel;
    this.#takeSpill();
    // A record that is too large for the kernel: it could not find the key.
    const isLarge = columns.bytes !== kernel.records;
    if (isLarge) this.#addLong(0, base);
    const { count } = columns;
    for (let row = isLarge ? 1 : 0; row < count; ) {
      const shard = calls.groupRows(row, count, base);
      row = calls.groupedTo();
      if (shard < 0) break;
      if (calls.groupCount(shard) > 0) this.#moveGroup(shard);
      else this.#addLong(row++, base);
    }
  }

  /**
   * What was written: four numbers each, as `ScanAnswer` has them. `memory` is
   * a larger one when the rows did not fit.
   */
  close(): { readonly groups: Int32Array; readonly memory: SharedArrayBuffer } {
    const { shardCount } = this.#owners;
    for (let shard = 0; shard < shardCount; shard++) this.#moveGroup(shard);
    return { groups: Int32Array.from(this.#groups), memory: this.#room.memory };
  }

  #takeSpill(): void {
    try {
      this.#kernel.takeSpill();
    } catch (error) {
      throw this.#kernel.explain(error);
    }
  }

  /** Moves what the kernel has for a shard behind all that is written. */
  #moveGroup(shard: number): void {
    const { calls, bytes } = this.#kernel;
    const count = calls.groupCount(shard);
    if (count === 0) return;
    const from = calls.groupAt(shard) >>> 0;
    const byteLength = calls.groupLength(shard);
    const at = this.#room.append(byteLength);
    bytes.copy(this.#room.bytes, at, from, from + byteLength);
    this.#groups.push(shard, at, byteLength, count);
    calls.clearGroup(shard);
  }

  /** Writes a row behind those of its shard. */
  #addLong(row: number, base: number): void {
    const { columns } = this.#kernel;
    const shard = this.#ownerOf(row);
    this.#moveGroup(shard);
    const byteLength = longRowBytes(columns, row);
    const at = this.#room.append(byteLength);
    const place = base + columns.recordStart[row]!;
    writeLongRow(columns, row, { bytes: this.#room.bytes, at, place });
    this.#groups.push(shard, at, byteLength, 1);
  }

  #ownerOf(row: number): number {
    const { outcome, keyHash, bytes, recordKeyStart, recordKeyLength } =
      this.#kernel.columns;
    const { shardCount, routeBy } = this.#owners;
    if (outcome[row] !== VISIT) return 0;
    if (routeBy === "visit_id") return shardOf(keyHash[row]!, shardCount);
    const length = recordKeyLength[row]!;
    if (length <= 0) return 0;
    return shardOf(hashKey(bytes, recordKeyStart[row]!, length), shardCount);
  }
}
