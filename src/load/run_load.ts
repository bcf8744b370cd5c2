import { formatPlace } from "../config/place_types.ts";
import { UsageError, WorldError } from "../errors.ts";
import { thisMachine } from "../observe/machine.ts";
import { JobClient, type JobState } from "./job_client.ts";
import { Load } from "./load.ts";
import {
  activeVisitors,
  type JobRules,
  type LoadHooks,
  type LoadPlan,
} from "./load_plan.ts";
import type { LoadReport, RateReport } from "./load_report.ts";
import { LoadStop } from "./load_stop.ts";
import { refuseFilesOf } from "./rate_run.ts";
import { startTimeBehind } from "./start_time.ts";
import { OTHERS_ADVICE } from "./stop_text.ts";
import { lookAtTopics } from "./topic_state.ts";

/**
 * Loads a job that runs already, at one rate after the other, and measures from
 * when each visit was due. The load is open: visits are due at fixed times,
 * whatever became of those before. It ends early when it is told to, and when
 * others write to its topic. Throws a `WorldError` or `UsageError` where a topic,
 * a job or a process is not as it must be.
 */
export async function runLoad(
  plan: LoadPlan,
  hooks: LoadHooks,
): Promise<LoadReport> {
  refuseFilesOf(plan);
  const stop = new LoadStop(hooks.signal);
  // Whatever it waits for then, a group to join or brokers: nothing is under way.
  const load = await stop.unlessStopped(openLoad(plan, { hooks, stop }));
  const rates = load === null ? [] : await measuredRates(load, plan);
  const { visitsTopic, sessionsTopic, durationMs, warmUpMs, seed } = plan;
  return {
    plan: { visitsTopic, sessionsTopic, durationMs, warmUpMs, seed },
    machine: thisMachine(),
    active: activeVisitors(plan),
    startTimeMs: load?.parts.startTimeMs ?? null,
    stamp: load?.parts.topics.stamp ?? "unknown",
    // A signal behind the last figures has cut nothing short.
    stoppedEarly: isWhole(rates, plan) ? null : stop.reason,
    rates,
    leftOut: plan.rates.slice(rates.length),
  };
}

function isWhole(rates: readonly RateReport[], plan: LoadPlan): boolean {
  const isCut = rates.some(({ stoppedEarly }) => stoppedEarly);
  return !isCut && rates.length === plan.rates.length;
}

async function openLoad(
  plan: LoadPlan,
  { hooks, stop }: { readonly hooks: LoadHooks; readonly stop: LoadStop },
): Promise<Load> {
  const { admin } = plan;
  const job = admin === null ? null : new JobClient(admin.url, admin.token);
  const state = job === null ? null : await job.state();
  const rules = state === null ? plan.rules : rulesOf(plan, state);
  const topics = await lookAtTopics({ ...plan, warn: hooks.warn });
  const { foreignVisitId } = topics;
  if (foreignVisitId !== null) {
    const name = JSON.stringify(foreignVisitId);
    refuseOthers(plan, `holds visits of others, such as of ${name}`);
  }
  const clocks = (state?.partitions ?? []).map(({ clockMs }) => clockMs);
  const startTimeMs =
    plan.startTimeMs ?? startTimeBehind([topics.clockMs, ...clocks], rules);
  const parts = { hooks, stop, job, rules, topics, startTimeMs };
  const load = new Load(plan, parts);
  try {
    await load.open();
    if ((await load.foreignRecords()) > 0) {
      refuseOthers(plan, "takes in visits of others just now");
    }
    return load;
  } catch (error) {
    await load.close();
    throw error;
  }
}

async function measuredRates(
  load: Load,
  { rates }: LoadPlan,
): Promise<RateReport[]> {
  const reports: RateReport[] = [];
  try {
    for (const rate of rates) {
      if (load.parts.stop.signal.aborted) break;
      const report = await load.run(rate);
      if (report !== null) reports.push(report);
    }
    return reports;
  } finally {
    await load.close();
  }
}

/** The rules of the job itself, which must be the one that these topics are of. */
function rulesOf(plan: LoadPlan, { job, isReady, phase }: JobState): JobRules {
  const { visitsTopic, sessionsTopic } = plan;
  const wanted = [
    ["reads", job.from, formatPlace({ kind: "kafka", topic: visitsTopic })],
    ["writes", job.to, formatPlace({ kind: "kafka", topic: sessionsTopic })],
  ] as const;
  for (const [does, has, expected] of wanted) {
    if (has === expected) continue;
    throw new UsageError(
      `Cannot load: the job at ${plan.admin!.url} ${does} ${has}, expected ${expected}, as --to and --sessions say`,
    );
  }
  if (isReady) return job;
  throw new WorldError(
    `Cannot load: the job at ${plan.admin!.url} is ${phase}, expected one that is ready`,
  );
}

/** `what`: how others show in the topic. */
function refuseOthers(plan: LoadPlan, what: string): void {
  if (plan.isAmongOthers) return;
  throw new UsageError(
    `Cannot load: topic "${plan.visitsTopic}" ${what}; ` +
      `a load moves the job's clock by hours, and theirs would be late: ${OTHERS_ADVICE}`,
  );
}
