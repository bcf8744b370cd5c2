import type { WindowKernel } from "../kernel/host/window_kernel.ts";

/*
 * What is asked of rows that are filled, whoever filled them.
 */

/** Tells the latest event time of each stretch of rows of one partition. */
export function tellClocks(
  kernel: WindowKernel,
  observe: (partition: number, ms: number) => void,
): void {
  const { calls, clockPartitions, clocksMs, columns } = kernel;
  const stretches = calls.gatherClocks(columns.count);
  for (let i = 0; i < stretches; i++) {
    observe(clockPartitions[i]!, clocksMs[i]!);
  }
}
