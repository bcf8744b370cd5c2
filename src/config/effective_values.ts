import { adminConfigOf } from "./admin_options.ts";
import { isDeterministic } from "./determinism.ts";
import {
  commitIntervalOf,
  guaranteeOf,
  windowLogOf,
  writesFile,
} from "./durability.ts";
import { inFlightBytesOf } from "./run_config.ts";
import type { RunValues } from "./run_options.ts";

/** Values that are used in place of others, by config key. */
export type EffectiveValues<V> = { readonly [K in keyof V]?: V[K] };

/**
 * What a run uses where its options do not say it, or say something else.
 * Nothing for what does not go together, which the run would refuse.
 */
export function effectiveRunValues(
  values: RunValues,
): EffectiveValues<RunValues> {
  const guarantee = guaranteeOf(values);
  const admin = adminConfigOf(values);
  return {
    deterministic: isDeterministic(values),
    guarantee,
    ...(guarantee !== "none" && {
      "commit-interval": commitIntervalOf(values, guarantee),
      ...effectiveWindowLog(values),
      append: values.append || (writesFile(values) && !values.overwrite),
    }),
    "max-in-flight-bytes": inFlightBytesOf(values),
    admin: admin === null ? "off" : { host: admin.host, port: admin.port },
  };
}

/** The topic of the open windows, where it can have the group's name. */
export function effectiveWindowLog(
  values: Pick<RunValues, "group" | "window-log">,
): { readonly "window-log"?: string } {
  try {
    return { "window-log": windowLogOf(values) };
  } catch {
    return {};
  }
}
