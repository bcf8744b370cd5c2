import { UsageError } from "../errors.ts";
import { adminConfigOf } from "./admin_options.ts";
import type { SinkSpec, SourceSpec } from "./config.ts";
import { isByItself, isDeterministic } from "./determinism.ts";
import { guaranteeOf } from "./durability.ts";
import type { GENERATE_OPTIONS, GenerateValues } from "./generate_options.ts";
import type { OptionSet, ValuesOf } from "./option.ts";
import type { REPLAY_OPTIONS } from "./replay_options.ts";
import type { RUN_OPTIONS, RunValues } from "./run_options.ts";

/** When an option does something: always, or as `isMet` and in words. */
export type Effect<V> =
  | "always"
  | { readonly isMet: (values: V) => boolean; readonly needs: string };

/** The effect of every option of a set. */
export type Effects<S extends OptionSet> = {
  readonly [K in keyof S]: Effect<ValuesOf<S>>;
};

const FROM_GENERATOR: Effect<RunValues> = {
  isMet: ({ from }) => from.kind === "generator",
  needs: "--from generator",
};
const FROM_TOPIC: Effect<RunValues> = {
  isMet: ({ from }) => from.kind === "kafka",
  needs: "--from kafka:TOPIC",
};
const FROM_ENDLESS_TOPIC: Effect<RunValues> = {
  isMet: ({ from, bounded }) => from.kind === "kafka" && !bounded,
  needs: "--from kafka:TOPIC without --bounded",
};
const A_LIVE_TOPIC: Effect<RunValues> = {
  isMet: (values) => values.from.kind === "kafka" && !isDeterministic(values),
  needs: "--from kafka:TOPIC, and --live with --bounded",
};
const NO_LIVE_INPUT: Effect<RunValues> = {
  isMet: (values) => isByItself(values),
  needs: "an input that is not live anyway",
};
const TO_TOPIC: Effect<RunValues> = {
  isMet: (values) => placesOf(values).slice(1).some(isTopic),
  needs: "an output such as kafka:TOPIC",
};
const A_TOPIC: Effect<RunValues> = {
  isMet: (values) => placesOf(values).some(isTopic),
  needs: "a place such as kafka:TOPIC",
};
const AN_OUTPUT_FILE: Effect<RunValues> = {
  isMet: (values) => placesOf(values).slice(1).some(isFile),
  needs: "an output such as file:PATH",
};
const AN_OUTPUT_TO_REPLACE: Effect<RunValues> = {
  isMet: (values) =>
    placesOf(values).slice(1).some(isFile) || values.histograms !== null,
  needs: "an output such as file:PATH, or --histograms",
};
const A_GUARANTEE: Effect<RunValues> = {
  isMet: (values) => guaranteeOf(values) !== "none",
  needs: "--guarantee exactly-once or at-least-once",
};
const AN_ADMIN_SERVER: Effect<RunValues> = {
  isMet: (values) => adminConfigOf(values) !== null,
  needs: "--admin HOST:PORT, or --from kafka:TOPIC without --bounded",
};
const AN_END: Effect<RunValues> = {
  isMet: ({ from, bounded, count }) =>
    bounded || from.kind === "file" || from.kind === "stdin" || count !== null,
  needs: "an input that ends, --bounded makes one of a topic",
};
const GENERATE_TO_TOPIC: Effect<GenerateValues> = {
  isMet: (values) => isTopic(values["visits-to"]),
  needs: "--to kafka:TOPIC",
};
const GENERATE_TO_FILE: Effect<GenerateValues> = {
  isMet: (values) => isFile(values["visits-to"]),
  needs: "--to file:PATH",
};

/** When the options of `sessionmill run` do something. */
export const RUN_EFFECTS: Effects<typeof RUN_OPTIONS> = {
  from: "always",
  to: "always",
  "late-to": "always",
  "dead-letter-to": "always",
  overwrite: AN_OUTPUT_TO_REPLACE,
  append: AN_OUTPUT_FILE,
  // Files, stdin and a generator with a count do what it asks for anyway.
  bounded: "always",
  live: NO_LIVE_INPUT,
  // It may be asked for where it is so anyway.
  deterministic: "always",
  "allow-empty": AN_END,
  "with-metadata": {
    isMet: ({ to }) => to.kind === "stdout" || to.kind === "file",
    needs: "--to - or --to file:PATH (topics have it as headers)",
  },
  "max-record-bytes": "always",
  gap: "always",
  "out-of-orderness": "always",
  "allowed-lateness": "always",
  "time-precision": "always",
  "page-order": "always",
  "max-skew": "always",
  // Where there is one partition, no other one waits for it.
  "idle-timeout": A_LIVE_TOPIC,
  brokers: A_TOPIC,
  "create-topics": TO_TOPIC,
  "kafka-config": A_TOPIC,
  group: FROM_TOPIC,
  "create-source": FROM_TOPIC,
  "metadata-interval": FROM_TOPIC,
  "on-new-topic": FROM_ENDLESS_TOPIC,
  // What it does not go with has sentences of its own.
  guarantee: "always",
  instance: FROM_ENDLESS_TOPIC,
  "commit-interval": A_GUARANTEE,
  "transaction-timeout": A_GUARANTEE,
  "session-timeout": FROM_ENDLESS_TOPIC,
  "window-log": A_GUARANTEE,
  "shard-timeout": A_GUARANTEE,
  workers: "always",
  "max-in-flight-bytes": "always",
  "route-by": {
    isMet: ({ from }) => from.kind === "kafka" || from.kind === "generator",
    needs: "--from kafka:TOPIC or --from generator (lines have no key)",
  },
  histograms: "always",
  admin: "always",
  "admin-origin": AN_ADMIN_SERVER,
  "admin-token": AN_ADMIN_SERVER,
  count: FROM_GENERATOR,
  rate: FROM_GENERATOR,
  seed: FROM_GENERATOR,
  active: FROM_GENERATOR,
  "start-time": FROM_GENERATOR,
  "late-percent": FROM_GENERATOR,
  "duplicate-percent": FROM_GENERATOR,
  "missing-percent": FROM_GENERATOR,
  "unprocessable-percent": FROM_GENERATOR,
  progress: "always",
  config: "always",
  "print-config": "always",
  "log-level": "always",
  "log-format": "always",
};

/** When the options of `sessionmill generate` do something. */
export const GENERATE_EFFECTS: Effects<typeof GENERATE_OPTIONS> = {
  "visits-to": "always",
  overwrite: GENERATE_TO_FILE,
  append: GENERATE_TO_FILE,
  dataset: "always",
  count: "always",
  rate: "always",
  seed: "always",
  active: "always",
  "start-time": "always",
  "late-percent": "always",
  "duplicate-percent": "always",
  "missing-percent": "always",
  "unprocessable-percent": "always",
  brokers: GENERATE_TO_TOPIC,
  "create-topics": GENERATE_TO_TOPIC,
  "kafka-config": GENERATE_TO_TOPIC,
  progress: "always",
  config: "always",
  "print-config": "always",
  "log-level": "always",
  "log-format": "always",
};

/** When the options of `sessionmill replay` do something. */
export const REPLAY_EFFECTS: Effects<typeof REPLAY_OPTIONS> = {
  "generation-time": "always",
  "allow-empty": "always",
  "with-metadata": "always",
  "max-record-bytes": "always",
  gap: "always",
  "out-of-orderness": {
    isMet: () => false,
    needs:
      'watermarks that follow the visits, as in "sessionmill run": here they are lines of the file',
  },
  "allowed-lateness": "always",
  "time-precision": "always",
  "page-order": "always",
  // Refused wherever it is set, with a sentence of its own.
  "max-skew": "always",
  workers: "always",
  config: "always",
  "print-config": "always",
  "log-level": "always",
  "log-format": "always",
};

/** What is checked: the options of a command and where they were set. */
export interface GivenOptions<S extends OptionSet> {
  /** What cannot be done when the check fails. */
  readonly task: string;
  readonly options: S;
  readonly values: ValuesOf<S>;
  readonly origins: Readonly<Record<keyof S, string>>;
}

/**
 * Refuses a flag that would do nothing. A file or the environment serves all
 * commands and places, so what stands there may be for another one; a switch
 * that is off does nothing anyway. Throws a `UsageError` that says what the flag
 * needs.
 */
export function refuseIdleFlags<S extends OptionSet>(
  effects: Effects<S>,
  { task, options, values, origins }: GivenOptions<S>,
): void {
  for (const [key, { flag }] of Object.entries(options)) {
    const effect = effects[key as keyof S]!;
    const isGiven = origins[key] === flag && values[key] !== false;
    if (!isGiven || effect === "always" || effect.isMet(values)) continue;
    throw new UsageError(
      `Cannot ${task}: ${flag} does nothing here, it needs ${effect.needs}`,
    );
  }
}

/** The source, then all sinks. */
function placesOf(values: RunValues): (SourceSpec | SinkSpec | null)[] {
  const { from, to } = values;
  return [from, to, values["late-to"], values["dead-letter-to"]];
}

function isTopic(place: SourceSpec | SinkSpec | null): boolean {
  return place?.kind === "kafka";
}

function isFile(place: SourceSpec | SinkSpec | null): boolean {
  return place?.kind === "file";
}
