import { after } from "node:test";
import type { IngestConfig } from "../../src/config/ingest_config.ts";
import type { IngestTotals } from "../../src/ingest/ingest_counts.ts";
import { runIngest } from "../../src/ingest/run_ingest.ts";
import { kafkaConfig } from "../support/kafka_config.ts";

/** Ends those of tests that have failed: nobody else would. */
const started: AbortController[] = [];
after(() => {
  for (const each of started) each.abort();
});

/** An ingest in this process. */
export interface RunningIngest {
  readonly url: string;
  readonly warnings: string[];
  /** Posts a body; a content type of `""` is none. */
  post(
    body: string | Uint8Array,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Ends it in good order; resolves to what it has counted. */
  stop(): Promise<IngestTotals>;
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

/** Starts an ingest to a topic; resolves when it takes visits. */
export async function startIngest(
  brokers: string,
  settings: Partial<IngestConfig> & { readonly topic: string },
): Promise<RunningIngest> {
  const config: IngestConfig = {
    listen: { host: "127.0.0.1", port: 0 },
    token: null,
    cors: null,
    drainMs: 0,
    bodyBytesMax: 1 << 20,
    waitingBytesMax: 16 << 20,
    maxRecordBytes: 100_000,
    maxSkewMs: null,
    kafka: kafkaConfig(brokers),
    ...settings,
  };
  const controller = new AbortController();
  started.push(controller);
  const ready = Promise.withResolvers<string>();
  const warnings: string[] = [];
  let totals: IngestTotals | undefined;
  const ended = runIngest(config, {
    signal: controller.signal,
    onReady: (url) => ready.resolve(url),
    onProgress() {},
    onDrain: () => {},
    onEnd: (state) => {
      totals = state;
    },
    warn: (text) => warnings.push(text),
  });
  ended.catch((error) => ready.reject(error));
  const url = await ready.promise;
  return {
    url,
    warnings,
    post: (body, headers = {}) => post(`${url}/visits`, { body, headers }),
    async stop() {
      controller.abort();
      await ended;
      return totals!;
    },
  };
}

async function post(
  url: string,
  options: { body: string | Uint8Array; headers: Record<string, string> },
): Promise<Answer> {
  const answer = await fetch(url, {
    method: "POST",
    body: options.body,
    headers: { "content-type": "application/json", ...options.headers },
  });
  const { status, headers } = answer;
  return { status, headers, body: await answer.text() };
}
