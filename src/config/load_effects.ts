import type { LOAD_OPTIONS } from "./load_options.ts";
import type { ValuesOf } from "./option.ts";
import type { Effect, Effects } from "./option_effects.ts";

type LoadEffect = Effect<ValuesOf<typeof LOAD_OPTIONS>>;

const RULES_UNTOLD: LoadEffect = {
  isMet: (values) => values["load-admin"] === null,
  needs: "a run without --admin, where the job tells its own",
};
const AN_ADMIN_SERVER: LoadEffect = {
  isMet: (values) => values["load-admin"] !== null,
  needs: "--admin URL",
};
const A_FILE_TO_REPLACE: LoadEffect = {
  isMet: (values) => values.plot !== null || values["load-histograms"] !== null,
  needs: "--plot PATH or --histograms DIR",
};

/** When the options of `sessionmill load` do something. */
export const LOAD_EFFECTS: Effects<typeof LOAD_OPTIONS> = {
  "load-to": "always",
  rates: "always",
  duration: "always",
  "warm-up": "always",
  "load-active": "always",
  seed: "always",
  "load-start-time": "always",
  "among-others": "always",
  sessions: "always",
  "load-admin": "always",
  "admin-token": AN_ADMIN_SERVER,
  pids: "always",
  gap: RULES_UNTOLD,
  "out-of-orderness": RULES_UNTOLD,
  drain: "always",
  json: "always",
  "load-histograms": "always",
  plot: "always",
  overwrite: A_FILE_TO_REPLACE,
  brokers: "always",
  "kafka-config": "always",
  config: "always",
  "print-config": "always",
  "log-level": "always",
  "log-format": "always",
};
