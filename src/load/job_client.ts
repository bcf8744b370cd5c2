import { AdminClient } from "../admin/admin_client.ts";
import type { LatencySeries } from "../latency/latency_series.ts";
import { readLatencyText } from "../latency/read_latency_file.ts";
import type { JobView } from "../observe/run_view.ts";

/** What of a job's state concerns a load; times in ms. */
export interface JobState {
  readonly isReady: boolean;
  readonly phase: string;
  readonly job: JobView;
  readonly partitions: readonly { readonly clockMs: number | null }[];
  readonly process: { readonly cpuMs: number };
  readonly lag: number | null;
}

/** Asks a job what concerns a load. */
export class JobClient {
  readonly #admin: AdminClient;

  constructor(url: string, token: string | null) {
    this.#admin = new AdminClient(url, token);
  }

  /** How the job stands. Throws a `WorldError`. */
  async state(): Promise<JobState> {
    return (await this.#admin.json("/state")) as JobState;
  }

  /**
   * What the job measured itself in intervals of some seconds that began in a
   * time, by name; the last ten minutes are known.
   */
  async latencies(
    names: readonly string[],
    { fromMs, toMs }: { fromMs: number; toMs: number },
  ): Promise<LatencySeries[]> {
    const all: LatencySeries[] = [];
    for (const name of names) {
      const text = await this.#admin.text(`/latency.hlog?name=${name}`);
      const range = {
        from: { kind: "instant", ms: fromMs },
        to: { kind: "instant", ms: toMs },
      } as const;
      all.push(...readLatencyText(`job ${name}`, text, { range }));
    }
    return all;
  }
}
