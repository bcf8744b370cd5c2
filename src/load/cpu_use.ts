import { UsageError } from "../errors.ts";
import type { JobClient } from "./job_client.ts";
import { cpuSecondsOf } from "./process_cpu.ts";

/** Whose CPU is told. */
export interface CpuOptions {
  readonly job: JobClient | null;
  /** Processes of this machine, by name. */
  readonly pids: Readonly<Record<string, number>>;
}

/** CPU that processes have used since some time, in seconds by name. */
type CpuSeconds = Readonly<Record<string, number>>;

/** The CPU of a load, of its job, and of other processes that the user names. */
export class CpuUse {
  readonly #options: CpuOptions;
  readonly #before: CpuSeconds;
  readonly #startedAtMs = performance.now();

  private constructor(options: CpuOptions, before: CpuSeconds) {
    this.#options = options;
    this.#before = before;
  }

  /** Counts from now on. Throws a `UsageError` for a process that is not there. */
  static async begin(options: CpuOptions): Promise<CpuUse> {
    return new CpuUse(options, await secondsOf(options));
  }

  /** Cores in use since the begin, by name. */
  async cores(): Promise<Record<string, number>> {
    const seconds = (performance.now() - this.#startedAtMs) / 1000;
    const now = await secondsOf(this.#options);
    return Object.fromEntries(
      Object.entries(now).map(([name, used]) => [
        name,
        (used - this.#before[name]!) / seconds,
      ]),
    );
  }
}

async function secondsOf({ job, pids }: CpuOptions): Promise<CpuSeconds> {
  const { user, system } = process.cpuUsage();
  const used: Record<string, number> = { load: (user + system) / 1e6 };
  if (job !== null) used.job = (await job.state()).process.cpuMs / 1000;
  for (const [name, pid] of Object.entries(pids)) {
    try {
      used[name] = cpuSecondsOf(pid);
    } catch {
      throw new UsageError(
        `Cannot tell the CPU of ${name}: no process ${pid} in /proc, expected one of this machine, on Linux`,
      );
    }
  }
  return used;
}
