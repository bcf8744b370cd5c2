import type { Percentiles } from "../../src/observe/latency.ts";
import { type Samples, samplesOf } from "./compare_reports.ts";
import type { HttpFigures } from "./http_load.ts";
import type { LookUpRow } from "./look_ups.ts";
import { printTable } from "./table.ts";

/** One load on the ingest. */
export interface HttpRow {
  /** Visits a request. */
  readonly visits: number;
  readonly connections: number;
  /** Requests a second that were due; null at full speed. */
  readonly rate: number | null;
  readonly figures: HttpFigures;
  /** The same load on a server that only reads the bodies. */
  readonly baseline: HttpFigures;
  /** Records that it brought to the topic. */
  readonly inTopic: number;
}

/** Prints what the loads on the ingest gave. */
export function reportHttp(rows: readonly HttpRow[]): void {
  const nameOf = ({ visits, connections, rate }: HttpRow) => ({
    "visits a request": visits,
    connections,
    "due/s": rate ?? "full speed",
  });
  printTable(
    "Ingest: requests and visits, CPU of its process, all 202 in the topic",
    rows.map((row) => {
      const { visits, figures, baseline } = row;
      const { requestsPerSecond, cpuMicrosARequest } = figures;
      return {
        ...nameOf(row),
        "requests/s": requestsPerSecond,
        "visits/s": requestsPerSecond * visits,
        "µs CPU a request": cpuMicrosARequest,
        "a visit": cpuMicrosARequest / visits,
        "empty server": baseline.cpuMicrosARequest,
        answers: statusesText(figures),
      };
    }),
  );
  printTable(
    "Its latency, ms: due to answered (at full speed: from the answer before)",
    rows.map((row) => ({
      ...nameOf(row),
      ...latencyColumns(row.figures.latency),
      "sent late p99": row.figures.sendLateness.p99Ms,
      "autocannon p50": row.figures.autocannon.p50Ms,
      p99: row.figures.autocannon.p99Ms,
    })),
  );
}

/** The figures of each case and its latencies, measured once. */
export function ingestSamples(rows: readonly HttpRow[]): Samples {
  const parts = rows.flatMap(({ visits, connections, rate, figures }) => {
    const pace = rate === null ? "full speed" : `${rate}/s`;
    const name = `${visits} visits a request, ${connections} connections, ${pace}:`;
    return [
      samplesOf(name, [figures]),
      samplesOf(`${name} latency`, [figures.latency]),
    ];
  });
  return Object.assign({}, ...parts);
}

/** Prints what look-ups gave, and what became of the run meanwhile. */
export function reportLookUps(rows: readonly LookUpRow[]): void {
  printTable(
    "Look-ups of open sessions, ms: due to answered",
    rows.flatMap(({ figures, connections, rate }) =>
      figures === null
        ? []
        : [
            {
              connections,
              "due/s": rate ?? "full speed",
              "look-ups/s": figures.requestsPerSecond,
              ...latencyColumns(figures.latency),
              answers: statusesText(figures),
            },
          ],
    ),
  );
  printTable(
    "The run meanwhile, ms",
    rows.map(({ figures, rate, cores, visitsPerSecond, run }) => ({
      "look-ups/s": figures === null ? 0 : (rate ?? "full speed"),
      "visits/s": visitsPerSecond,
      "cores in use": cores,
      "processing p50": run.processing.p50Ms,
      p99: run.processing.p99Ms,
      "closing p50": run.closing.p50Ms,
      "closing p99": run.closing.p99Ms,
    })),
  );
}

function latencyColumns(percentiles: Percentiles): Record<string, number> {
  const { p50Ms, p90Ms, p99Ms, p999Ms, p9999Ms, maxMs } = percentiles;
  return {
    p50: p50Ms,
    p90: p90Ms,
    "p99 ": p99Ms,
    "p99.9": p999Ms,
    "p99.99": p9999Ms,
    max: maxMs,
  };
}

function statusesText({ statuses, errors }: HttpFigures): string {
  const texts = Object.entries(statuses).map(
    ([status, count]) => `${status}: ${count}`,
  );
  if (errors > 0) texts.push(`none: ${errors}`);
  return texts.join(", ");
}
