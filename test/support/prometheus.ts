import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { freePort } from "../../docker/local_kafka/free_port.ts";
import { waitUntil } from "./wait_until.ts";

/** A value of an answer to a query, and its labels. */
export interface QueryValue {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus that scrapes one target each second. */
export class Prometheus {
  readonly #url: string;
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(url: string, folder: string, child: ChildProcess) {
    this.#url = url;
    this.#folder = folder;
    this.#child = child;
  }

  /** Resolves when it is ready. */
  static async start(target: string, token: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), "sessionmill-prometheus-"));
    const file = join(folder, "prometheus.yml");
    await writeFile(
      file,
      `scrape_configs:
  - job_name: sessionmill
    scrape_interval: 1s
    authorization: {credentials: "${token}"}
    static_configs:
      - targets: ["${target}"]
`,
    );
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      "prometheus",
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=${address}`,
        "--log.level=error",
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const prometheus = new Prometheus(`http://${address}`, folder, child);
    const isReady = () =>
      fetch(`http://${address}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitUntil(isReady, { timeoutMs: 30_000 });
    return prometheus;
  }

  /** What a query answers now. Throws with what Prometheus says against it. */
  async query(promql: string): Promise<QueryValue[]> {
    const path = `/api/v1/query?query=${encodeURIComponent(promql)}`;
    const answer = (await (await fetch(this.#url + path)).json()) as {
      readonly error?: string;
      readonly data?: {
        readonly result: readonly {
          readonly metric: Record<string, string>;
          readonly value: [number, string];
        }[];
      };
    };
    if (answer.data === undefined) throw new Error(answer.error);
    return answer.data.result.map(({ metric, value }) => ({
      labels: metric,
      value: Number(value[1]),
    }));
  }

  /** Ends it and removes what it wrote. */
  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What `promtool check metrics` has against a text: nothing, when it is empty. */
export async function promtoolFaults(metrics: string): Promise<string> {
  const child = spawn("promtool", ["check", "metrics"]);
  child.stdin.end(metrics);
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
  ]);
  return out + err;
}
