import type { IngestConfig } from "../config/ingest_config.ts";
import { WorldError } from "../errors.ts";
import { isLoopback } from "../http/listening.ts";
import { IngestCounts, type IngestTotals } from "./ingest_counts.ts";
import { IngestMetrics } from "./ingest_metrics.ts";
import { IngestServer } from "./ingest_server.ts";
import { VisitsIntake } from "./visits_intake.ts";
import { VisitsTopic } from "./visits_topic.ts";

/** How often it is told how an ingest stands, ms. */
const PROGRESS_MS = 500;

/** Who watches an ingest. */
export interface IngestHooks {
  /** Ends it in good order. */
  readonly signal: AbortSignal;
  /** Visits are taken at this address. */
  onReady(url: string): void;
  onProgress(totals: IngestTotals): void;
  /** It stops, and goes on for so long, ms, at most. */
  onDrain(forMs: number): void;
  /** All is answered, however it ends. */
  onEnd(totals: IngestTotals): void;
  readonly warn: (text: string) => void;
}

/**
 * Takes visits over HTTP until the signal. Throws a `WorldError` when it cannot
 * begin, or when it ended with visits that are not in the topic.
 */
export async function runIngest(
  config: IngestConfig,
  hooks: IngestHooks,
): Promise<void> {
  const { signal, warn } = hooks;
  const counts = new IngestCounts();
  const topic = new VisitsTopic({
    ...config,
    warn,
    onProduced: (ms) => metrics.produced(ms),
  });
  const intake = new VisitsIntake(config, { topic, counts });
  const metrics = new IngestMetrics(counts, {
    waitingBytes: () => intake.waitingBytes,
    connections: () => server.connections,
    isReady: () => server.trouble === null,
  });
  const server = new IngestServer(config, {
    ...{ intake, counts, metrics, warn },
  });
  const progress = setInterval(
    () => hooks.onProgress(counts.totals()),
    PROGRESS_MS,
  );
  try {
    // It answers that it is not ready until it is.
    const url = await server.listen();
    await topic.open();
    hooks.onReady(url);
    if (config.token === null && !isLoopback(config.listen.host)) {
      warn(
        `without --ingest-token whoever reaches ${url} can write to the topic`,
      );
    }
    await aborted(signal);
    await drain(server, config.drainMs, hooks);
    topic.stopSoon();
    await server.stop();
    intake.stop();
    await topic.close();
  } finally {
    clearInterval(progress);
    await server.close();
    intake.close();
    hooks.onEnd(counts.totals());
  }
  assertAllCounted(counts.totals());
}

/** Nobody has to wait who is alone with it, as at a terminal. */
async function drain(
  server: IngestServer,
  forMs: number,
  hooks: IngestHooks,
): Promise<void> {
  if (forMs === 0 || !server.isNeeded) return;
  hooks.onDrain(forMs);
  await server.drain(forMs);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener("abort", resolve, { once: true });
  });
}

function assertAllCounted(totals: IngestTotals): void {
  const { visits, accepted, rejected, unconfirmed } = totals;
  if (visits === accepted + rejected + unconfirmed) return;
  throw new WorldError(
    `Cannot account for all visits: ${visits} came, ${accepted} were accepted, ` +
      `${rejected} rejected, ${unconfirmed} unconfirmed`,
  );
}
