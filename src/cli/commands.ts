import { GENERATE_OPTIONS } from "../config/generate_options.ts";
import { REPLAY_OPTIONS } from "../config/replay_options.ts";
import { RUN_OPTIONS } from "../config/run_options.ts";
import { STATE_OPTIONS } from "../config/state_options.ts";
import type { CommandDefinition } from "./command.ts";

const PLACES = `
SRC is generator, file:PATH, - (stdin, JSON lines) or kafka:TOPIC. A FIFO ends
when its last writer closes it.
SINK is - (stdout), file:PATH, null or kafka:TOPIC.`;

const PRECEDENCE = `
Every option can also be set as SESSIONMILL_<NAME> in the environment or as a
line of --config FILE. Flags win over the environment, that over the file.`;

/** `sessionmill run`. */
export const RUN_COMMAND: CommandDefinition<typeof RUN_OPTIONS> = {
  name: "run",
  summary: "turn a stream of visits into sessions",
  argument: null,
  options: RUN_OPTIONS,
  footer: `${PLACES}

Files, stdin, FIFOs, --bounded topics and a generator without --rate give the
same result in each run, on any number of workers; --live takes that back. So
stdin and FIFOs hold a session back by 32,768 records at most.

From a topic to topics a run is exactly-once, for readers with isolation.level
read_committed; other outputs of a topic are at-least-once. It goes on where it
ended, killed or not; the rest starts anew each time.
${PRECEDENCE}

Exit code 1 when records came and none is a visit, unless --allow-empty. An
input without records is a success, with a warning.

Examples:
  sessionmill run --brokers kafka1:9092,kafka2:9092
  sessionmill run --bounded --gap 30m --late-to kafka:late_visits
  sessionmill run --from file:visits.jsonl --to -  | jq .visit_id
  sessionmill run --from generator --count 1000000 --to null
`,
  async act(call) {
    const { runSessions } = await import("./run_sessions.ts");
    return await runSessions(call);
  },
};

/** `sessionmill generate`. */
export const GENERATE_COMMAND: CommandDefinition<typeof GENERATE_OPTIONS> = {
  name: "generate",
  summary: "make visits, for trials and load tests",
  argument: null,
  options: GENERATE_OPTIONS,
  footer: `
SINK is - (stdout), file:PATH, null or kafka:TOPIC (keyed by visit_id).
${PRECEDENCE}
Only --to differs: here it is SESSIONMILL_VISITS_TO, or visits-to in a file.

Examples:
  sessionmill generate --count 10  | jq .
  sessionmill generate --to kafka:visits --rate 50000/s
  sessionmill generate --to file:visits.jsonl --count 100000 --late-percent 1
`,
  async presets({ dataset }) {
    if (dataset === null) return null;
    const { readDataset } = await import("../generate/dataset.ts");
    const { presets } = await readDataset(dataset);
    return { origin: `dataset "${dataset}"`, texts: presets };
  },
  async act(call) {
    const { generateVisits } = await import("./generate_visits.ts");
    return await generateVisits(call);
  },
};

/** `sessionmill replay`. */
export const REPLAY_COMMAND: CommandDefinition<typeof REPLAY_OPTIONS> = {
  name: "replay",
  summary: "run recorded visits and watermarks step by step",
  argument: {
    name: "FILE",
    description:
      'JSON lines, each a visit or {"watermark": ISO or ms}; - stdin',
  },
  options: REPLAY_OPTIONS,
  footer: `
Prints {"session": …}, {"late": …} and {"rejected": …} lines in order of cause.
The end of the file fires nothing: a last {"watermark": 9223372036854775807}
closes all sessions.
${PRECEDENCE}

Examples:
  sessionmill replay case.jsonl --gap 5m
  sessionmill replay - --generation-time 2024-01-01T00:00:00Z < case.jsonl
`,
  async act(call) {
    const { replayVisits } = await import("./replay_visits.ts");
    return await replayVisits(call);
  },
};

/** `sessionmill state`. */
export const STATE_COMMAND: CommandDefinition<typeof STATE_OPTIONS> = {
  name: "state",
  summary: "show, verify or reset what a group has committed",
  argument: {
    name: "WHAT",
    description: "show, verify or reset",
    defaultText: "show",
  },
  options: STATE_OPTIONS,
  footer: `
show: offsets and lag of each partition, its window log and the open sessions in
it. verify: reads the whole log and says what in it cannot be right; exit code 1
when there is something. Both change nothing, and may be used while a run is at
work. reset: forgets the offsets and deletes the records of the window log, so
that the next run begins at the start of the topic; no member may be left.
${PRECEDENCE}

Examples:
  sessionmill state --brokers kafka1:9092
  sessionmill state verify --group visits_reader --json | jq .partitions
  sessionmill state reset --group visits_reader --yes
`,
  async act(call) {
    const { inspectState } = await import("./inspect_state.ts");
    return await inspectState(call);
  },
};
