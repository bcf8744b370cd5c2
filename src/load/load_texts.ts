import {
  comparisonReport,
  type SeriesReport,
  seriesText,
} from "../latency/compare_series.ts";
import type { LatencyPanel } from "../latency/latency_plot.ts";
import { plotPoints } from "../latency/latency_series.ts";
import { countText, elapsedText } from "../observe/number_text.ts";
import { figureText } from "../observe/text_table.ts";
import { jobNote } from "./job_note.ts";
import type { LoadReport, RateReport } from "./load_report.ts";
import { stopText } from "./stop_text.ts";

const PANELS = ["close", "read", "acknowledge", "send"] as const;

/** A load for people: a table for each rate, what limited it, and what cut it short. */
export function loadText(report: LoadReport): string {
  const rates = report.rates.map((rate) => rateText(rate, report));
  const stop = stopText(report);
  return [...rates, ...(stop === null ? [] : [`${stop}\n`])].join("\n");
}

/** The same as plain data; times in ms. */
export function loadJson(report: LoadReport): object {
  const { plan, machine, active, startTimeMs, stamp, rates } = report;
  const { stoppedEarly, leftOut } = report;
  const startTime =
    startTimeMs === null ? null : new Date(startTimeMs).toISOString();
  return {
    load: { ...plan, active, startTime, stoppedEarly, leftOut },
    machine,
    sessionTimestamps: stamp,
    rates: rates.map(({ latencies, job, ...rate }) => {
      const { send, acknowledge, close, read } = latencies;
      const [sent, acknowledged, closed, arrived] = comparisonReport([
        ...[send, acknowledge, close, read],
      ]).map(figuresOf);
      return {
        ...rate,
        send: sent,
        acknowledge: acknowledged,
        close: closed,
        read: arrived,
        // Of a time of their own: see `jobNote`.
        job: comparisonReport(job ?? []).map((each) => {
          const { from, to } = each;
          return { ...figuresOf(each), from, to };
        }),
      };
    }),
  };
}

function figuresOf(report: SeriesReport) {
  const { name, count, percentilesMs, maxMs, points } = report;
  return { name, count, percentilesMs, maxMs, points };
}

/** A panel for each latency, a line for each rate. */
export function loadPanels({ rates }: LoadReport): LatencyPanel[] {
  return PANELS.map((latency) => ({
    title: rates[0]?.latencies[latency].name ?? latency,
    lines: rates.map((rate) => {
      const series = rate.latencies[latency];
      return {
        name: `${countText(rate.rate)} visits/s${rate.stoppedEarly ? ", stopped early" : ""}`,
        points: series.count === 0 ? [] : plotPoints(series),
        maxMs: series.maxMs,
      };
    }),
  }));
}

function rateText(rate: RateReport, { plan }: LoadReport): string {
  const { send, acknowledge, close, read } = rate.latencies;
  const cores = Object.entries(rate.cores)
    .map(([name, used]) => `${name} ${figureText(used)}`)
    .join(", ");
  const isCut = rate.durationMs < plan.durationMs && rate.stoppedEarly;
  const asked = isCut ? ` of ${elapsedText(plan.durationMs)}` : "";
  const lines = [
    `${countText(rate.rate)} visits/s for ${elapsedText(rate.durationMs)}${asked}, behind ${elapsedText(rate.warmUpMs)} of warm-up with ${countText(rate.warmUpSessions)} sessions; ${countText(rate.reachedRate)} visits/s were sent. Latency, ms:`,
    seriesText([send, acknowledge, close, read, ...(rate.job ?? [])]).trimEnd(),
    ...[jobNote(rate) ?? []].flat(),
    ...(cores === "" ? [] : [`Cores in use: ${cores}`]),
    ...rate.limits.map((limit) => `Beware: ${limit}`),
  ];
  return `${lines.join("\n")}\n`;
}
