import { availableParallelism, cpus, release, totalmem } from "node:os";

const BYTES_PER_GIB = 1024 ** 3;

/** The machine that figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
}

/** This machine. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / BYTES_PER_GIB),
    kernel: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
  };
}

/** The same in a line. */
export function machineText(machine: Machine = thisMachine()): string {
  const { cpu, cores, memoryGib, kernel, node } = machine;
  return `${cores} cores of ${cpu}, ${memoryGib} GiB, ${kernel}, Node.js ${node}`;
}
