import { windowLogOf } from "../config/durability.ts";
import { kafkaConfigOf } from "../config/kafka_config.ts";
import { stateCommand } from "../config/state_command.ts";
import type { STATE_OPTIONS } from "../config/state_options.ts";
import { withSuggestion } from "../config/suggestion.ts";
import { UsageError, WorldError } from "../errors.ts";
import { createLogger, type Logger } from "../observe/logger.ts";
import { countText, thingsText } from "../observe/number_text.ts";
import { Terminal } from "../observe/terminal.ts";
import type { StateQuery } from "../state/group_offsets.ts";
import { readState } from "../state/read_state.ts";
import { planReset, type ResetPlan, resetState } from "../state/reset_state.ts";
import type { StateReport } from "../state/state_report.ts";
import { checkText, stateText, warningsOf } from "../state/state_text.ts";
import type { CommandCall } from "./command.ts";
import { logOptionsOf } from "./supervise_run.ts";
import type { World } from "./world.ts";

type StateCall = CommandCall<typeof STATE_OPTIONS>;

const DEEDS = { show, verify, reset };

/** Does the work of `sessionmill state`; resolves to the exit code. */
export async function inspectState(call: StateCall): Promise<number> {
  const { argument, values } = call;
  if (!Object.hasOwn(DEEDS, argument)) {
    const message = `Cannot read the command line: expected show, verify or reset, got "${argument}"`;
    const guess = { word: argument, candidates: Object.keys(DEEDS) };
    throw new UsageError(withSuggestion(message, guess));
  }
  const { from } = values;
  if (from.kind !== "kafka") {
    throw new UsageError(
      "Cannot look at the state: it is that of a group in a topic, as in --from kafka:visits",
    );
  }
  const query: StateQuery = {
    kafka: await kafkaConfigOf(
      { ...values, "create-topics": false },
      values.group,
      call.world.stopSignal,
    ),
    topic: from.topic,
    windowLog: windowLogOf(values),
  };
  await DEEDS[argument as keyof typeof DEEDS](query, call);
  return 0;
}

async function show(query: StateQuery, call: StateCall): Promise<void> {
  const report = await readState(query, logOf(call));
  print(call, call.values.json ? jsonText(report) : stateText(report));
  const log = logOf(call);
  for (const text of warningsOf(report)) log.warn(text);
  const problems = problemsIn(report);
  if (problems === 0) return;
  log.warn(
    `${thingsText(problems, "thing")} in the window log cannot be right, as this says: ${stateCommand("verify", query)}`,
  );
}

async function verify(query: StateQuery, call: StateCall): Promise<void> {
  const report = await readState(query, logOf(call));
  print(call, call.values.json ? jsonText(report) : checkText(report));
  const problems = problemsIn(report);
  if (problems === 0) return;
  throw new WorldError(
    `Cannot trust window log "${query.windowLog}": ${thingsText(problems, "thing")} in it cannot be right`,
  );
}

async function reset(query: StateQuery, call: StateCall): Promise<void> {
  const log = logOf(call);
  const plan = await planReset(query, log);
  if (plan.partitions.length === 0 && plan.logRecords === 0) {
    log.info(`group "${query.kafka.group}" has nothing to reset`);
    return;
  }
  if (!call.values.yes && !(await isWanted(query, plan, call.world))) {
    throw new WorldError("Cannot reset: it was not confirmed");
  }
  await resetState(query, plan);
  log.info(
    `group "${query.kafka.group}" is reset: a run begins at the start of topic "${query.topic}"`,
  );
}

/** Asks; a `UsageError` where nobody can answer. */
async function isWanted(
  { kafka, topic, windowLog }: StateQuery,
  { partitions, logRecords }: ResetPlan,
  { ask }: World,
): Promise<boolean> {
  if (ask === undefined) {
    throw new UsageError(
      "Cannot reset: there is no terminal to ask on, add --yes",
    );
  }
  const answer = await ask(
    `Group "${kafka.group}" forgets its offsets in ${partitions.length} partitions of topic "${topic}", and ` +
      `${countText(logRecords)} records of topic "${windowLog}" with its open sessions are deleted. ` +
      "Type yes to go on: ",
  );
  return answer.trim().toLowerCase() === "yes";
}

function problemsIn({ partitions }: StateReport): number {
  const counts = partitions.map(({ log }) => log?.problemCount ?? 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

function jsonText(report: StateReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

function print({ world }: StateCall, text: string): void {
  world.stdout.write(text);
}

function logOf({ world, values }: StateCall): Logger {
  const terminal = new Terminal(world.stderr, { noLiveBlock: true });
  return createLogger(terminal, logOptionsOf(values));
}
