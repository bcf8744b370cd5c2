import type { WindowKernel } from "../kernel/host/window_kernel.ts";
import {
  batchByteLength,
  readRecordCount,
} from "../record/batch_header_reader.ts";
import { writeBatchHeader } from "../record/record_batch_header.ts";
import type { LogBatch } from "./window_changes.ts";

/**
 * Takes the batches of one of the kernel's sets, with headers and CRC; they are
 * valid until the next record of the set.
 */
export function takeBatches(kernel: WindowKernel, set: number): LogBatch[] {
  const { calls, bytes } = kernel;
  if (calls.batchedBytes(set) === 0) return [];
  calls.takeBatches(set);
  const taken: LogBatch[] = [];
  const partitions = calls.partitionCount(set);
  for (let partition = 0; partition < partitions; partition++) {
    const start = calls.batchesOf(set, partition) >>> 0;
    const end = start + calls.batchesLength(set, partition);
    for (let at = start; at < end; ) {
      const batch = bytes.subarray(at, at + batchByteLength(bytes, at));
      const count = readRecordCount(batch, 0);
      writeBatchHeader(batch, count);
      taken.push({ partition, count, bytes: batch });
      at += batch.length;
    }
  }
  return taken;
}
