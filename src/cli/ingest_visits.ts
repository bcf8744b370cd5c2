import { ingestConfigOf } from "../config/ingest_config.ts";
import type { INGEST_OPTIONS } from "../config/ingest_options.ts";
import type { IngestTotals } from "../ingest/ingest_counts.ts";
import { createLogger, type Logger } from "../observe/logger.ts";
import {
  countText,
  elapsedText,
  roughTimeText,
  sizeText,
} from "../observe/number_text.ts";
import type { Terminal } from "../observe/terminal.ts";
import type { CommandCall } from "./command.ts";
import { openTerminal, tellOfStop } from "./open_terminal.ts";
import { logOptionsOf } from "./supervise_run.ts";

/** Between two lines of the log on how it goes, ms. */
const LINE_MS = 10_000;

/** Does the work of `sessionmill ingest`; resolves to the exit code. */
export async function ingestVisits({
  values,
  world,
}: CommandCall<typeof INGEST_OPTIONS>): Promise<number> {
  const config = await ingestConfigOf(values, world.stopSignal);
  const options = logOptionsOf(values);
  const isJson = options.format === "json";
  const wish = { mode: "auto", log: options, usesStdout: false } as const;
  const { terminal } = openTerminal(world, wish);
  const log = createLogger(terminal, options);
  const { runIngest } = await import("../ingest/run_ingest.ts");
  const progress = new IngestProgress(terminal, { log, isJson });
  let isReady = false;
  await runIngest(config, {
    signal: world.stopSignal,
    onReady(url) {
      isReady = true;
      const { topic, cors, token } = config;
      const asksToken = token !== null;
      log.info({ topic, cors, asksToken }, `taking visits at ${url}/visits`);
    },
    onProgress: (totals) => progress.update(totals),
    onDrain(forMs) {
      const most = roughTimeText(forMs);
      log.info(
        `stopping: visits are taken for ${most} more, so that clients notice; another signal ends it at once`,
      );
    },
    onEnd(totals) {
      // One that could not begin says why, and has nothing to sum up.
      if (!isReady) return;
      progress.clear();
      tellOfStop(world, log);
      progress.end(totals);
    },
    warn: (text) => log.warn(text),
  });
  return 0;
}

/** Tells how an ingest goes: a live line, or a line of the log now and then. */
class IngestProgress {
  readonly #terminal: Terminal;
  readonly #log: Logger;
  readonly #isJson: boolean;
  readonly #beganAtMs = performance.now();
  #told = { atMs: performance.now(), requests: 0, visits: 0 };

  constructor(terminal: Terminal, form: { log: Logger; isJson: boolean }) {
    this.#terminal = terminal;
    this.#log = form.log;
    this.#isJson = form.isJson;
  }

  update(totals: IngestTotals): void {
    const { requests, visits } = totals;
    const { isLive } = this.#terminal;
    const atMs = performance.now();
    const forMs = atMs - this.#told.atMs;
    if (!isLive && forMs < LINE_MS) return;
    const rate = (now: number, before: number) =>
      countText(((now - before) / forMs) * 1000);
    const text =
      `${rate(requests, this.#told.requests)} requests/s, ` +
      `${rate(visits, this.#told.visits)} visits/s, ${visitsText(totals)}`;
    this.#told = { atMs, requests, visits };
    if (isLive) this.#terminal.setBlock([text]);
    else if (this.#isJson) this.#log.info(totals, text);
    else this.#log.info(text);
  }

  clear(): void {
    this.#terminal.setBlock([]);
  }

  end(totals: IngestTotals): void {
    if (!this.#log.isLevelEnabled("info")) return;
    const elapsedMs = performance.now() - this.#beganAtMs;
    if (this.#isJson) {
      this.#log.info({ ...totals, elapsedMs }, "ingest is over");
    } else this.#terminal.write(summaryText(totals, elapsedMs));
  }
}

function summaryText(totals: IngestTotals, elapsedMs: number): string {
  const { requests, visits, accepted, rejected, unconfirmed, gone } = totals;
  const answers = Object.entries(totals.answers)
    .map(([status, count]) => `${status}: ${countText(count)}`)
    .concat(gone > 0 ? [`gone before their answer: ${countText(gone)}`] : []);
  const lines = [
    `${countText(requests)} requests with ${countText(visits)} visits in ${elapsedText(elapsedMs)}`,
    line("answers", requests, answers.join(", ")),
    line("bytes", totals.bodyBytes, sizeText(totals.bodyBytes)),
    line("accepted", accepted, "in the topic"),
    line("rejected", rejected, countsText(totals.rejectedByReason)),
    ...(unconfirmed > 0
      ? [line("unconfirmed", unconfirmed, "in the topic or not; answered 503")]
      : []),
  ];
  return `${lines.join("\n")}\n`;
}

function line(label: string, count: number, note: string): string {
  const text = `  ${label.padEnd(16)}${countText(count).padStart(14)}`;
  return note === "" ? text : `${text}   ${note}`;
}

function visitsText({ accepted, rejected, unconfirmed }: IngestTotals): string {
  const text = `${countText(accepted)} accepted, ${countText(rejected)} rejected`;
  if (unconfirmed === 0) return text;
  return `${text}, ${countText(unconfirmed)} unconfirmed`;
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${countText(count)}`)
    .join(", ");
}
