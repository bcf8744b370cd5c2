import { ADMIN_URL, EXPLAIN_OPTIONS } from "./explain_options.ts";
import { GENERAL_OPTIONS } from "./general_options.ts";
import { GENERATOR_OPTIONS } from "./generator_options.ts";
import { INSTANT_MS } from "./instant_types.ts";
import { KAFKA_OPTIONS } from "./kafka_options.ts";
import { PLOT_OPTIONS } from "./latency_options.ts";
import { PIDS, RATES } from "./load_types.ts";
import { option, optionalOption } from "./option.ts";
import { TOPIC } from "./place_types.ts";
import { SWITCH, textType } from "./plain_types.ts";
import { durationType, integerType } from "./quantity_types.ts";
import { STATE_OPTIONS } from "./state_options.ts";
import { WINDOW_OPTIONS } from "./window_options.ts";

const LOAD = "Load:";
const MEASURED = "What is measured:";

/** Everything that `sessionmill load` takes. */
export const LOAD_OPTIONS = {
  // Not `to`, which in a file or environment made for `run` is where sessions go.
  "load-to": option(TOPIC, {
    flag: "--to",
    placeholder: "TOPIC",
    description: "the topic that the job reads",
    group: LOAD,
    defaultText: "kafka:visits",
    settableIn: "flag",
  }),
  rates: option(RATES, {
    flag: "--rate",
    placeholder: "LIST",
    description: "visits a second, one after the other",
    group: LOAD,
    defaultText: "10k,50k",
    settableIn: "flag",
  }),
  duration: option(durationType(1), {
    flag: "--duration",
    placeholder: "TIME",
    description: "how long each rate is measured",
    group: LOAD,
    defaultText: "60s",
    settableIn: "flag",
  }),
  "warm-up": option(durationType(0), {
    flag: "--warm-up",
    placeholder: "TIME",
    description: "load before that, which does not count",
    group: LOAD,
    defaultText: "10s",
    settableIn: "flag",
  }),
  "load-active": optionalOption(integerType(1, 10_000_000), {
    flag: "--active",
    placeholder: "N",
    description:
      "visitors at the same time (default: half the lowest rate, 50 to 5,000)",
    group: LOAD,
    settableIn: "flag",
  }),
  seed: GENERATOR_OPTIONS.seed,
  "load-start-time": optionalOption(INSTANT_MS, {
    flag: "--start-time",
    placeholder: "ISO",
    description: "first event time (default: behind what the topic holds)",
    group: LOAD,
    settableIn: "flag",
  }),
  "among-others": option(SWITCH, {
    flag: "--among-others",
    description: "load a topic that holds visits of others too",
    group: LOAD,
    defaultText: "false",
    settableIn: "flag",
  }),
  sessions: option(TOPIC, {
    flag: "--sessions",
    placeholder: "TOPIC",
    description: "the topic that the job writes",
    group: MEASURED,
    defaultText: "kafka:sessions",
    settableIn: "flag",
  }),
  "load-admin": optionalOption(ADMIN_URL, {
    flag: "--admin",
    placeholder: "URL",
    description: "the job's admin server: its rules, CPU and latencies",
    group: MEASURED,
    settableIn: "flag",
  }),
  "admin-token": EXPLAIN_OPTIONS["admin-token"],
  pids: option(PIDS, {
    flag: "--pid",
    placeholder: "LIST",
    description: "CPU of processes here, as in broker=123,job=456",
    group: MEASURED,
    defaultText: "",
    defaultNote: "none",
    settableIn: "flag",
  }),
  gap: WINDOW_OPTIONS.gap,
  "out-of-orderness": WINDOW_OPTIONS["out-of-orderness"],
  drain: option(durationType(1), {
    flag: "--drain",
    placeholder: "TIME",
    description: "a rate is over when no session came for so long",
    group: MEASURED,
    defaultText: "3s",
    settableIn: "flag",
  }),
  json: STATE_OPTIONS.json,
  "load-histograms": optionalOption(textType("the path of a folder"), {
    flag: "--histograms",
    placeholder: "DIR",
    description: "write each latency as .hgrm and .hlog to DIR/RATE",
    group: MEASURED,
    settableIn: "flag",
  }),
  ...PLOT_OPTIONS,
  brokers: KAFKA_OPTIONS.brokers,
  "kafka-config": KAFKA_OPTIONS["kafka-config"],
  ...GENERAL_OPTIONS,
} as const;
