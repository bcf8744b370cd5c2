import { UsageError } from "../errors.ts";
import type {
  ExistingFile,
  RunConfig,
  SinkSpec,
  SourceSpec,
} from "./config.ts";
import type { ValuesOf } from "./option.ts";
import type { OUTPUT_FILE_OPTIONS } from "./output_options.ts";
import { identitiesOf } from "./place_identity.ts";
import { formatPlace } from "./place_types.ts";

/** A place that is read or written, and the flag that names it. */
export type Claim = readonly [
  flag: string,
  place: SourceSpec | SinkSpec | null,
];

/**
 * Sees to it that no output writes over another one, over the input or over the
 * config file. Throws a `UsageError` naming the two flags.
 */
export function checkOutputs(
  config: Pick<
    RunConfig,
    "from" | "to" | "lateTo" | "deadLetterTo" | "durability"
  >,
  configFile: string | null,
): void {
  const { durability } = config;
  const topic = durability?.windowLog ?? null;
  refuseShared("run", [
    ["--config", filePlace(configFile)],
    ["--from", config.from],
    ["--to", config.to],
    ["--late-to", config.lateTo],
    ["--dead-letter-to", config.deadLetterTo],
    ["--window-log", topic === null ? null : { kind: "kafka", topic }],
  ]);
}

/** The place of a file that is not named as one. */
export function filePlace(path: string | null): Claim[1] {
  return path === null ? null : { kind: "file", path };
}

/**
 * Refuses places that are one and the same, whatever they are called. Throws a
 * `UsageError` naming the two; `task` is what cannot be done then.
 */
export function refuseShared(task: string, claims: readonly Claim[]): void {
  const claimsByIdentity = new Map<string, Claim>();
  for (const claim of claims) {
    const [flag, place] = claim;
    for (const identity of place === null ? [] : identitiesOf(place)) {
      const other = claimsByIdentity.get(identity);
      claimsByIdentity.set(identity, claim);
      // Late visits and dead letters carry their reason: one topic may take both.
      const mayShare =
        place?.kind === "kafka" &&
        flag === "--dead-letter-to" &&
        other?.[0] === "--late-to";
      if (other !== undefined && !mayShare) throw shared(task, other, claim);
    }
  }
}

/**
 * What the options say of files that exist. Throws a `UsageError` when they say
 * two things; `task` is what cannot be done then.
 */
export function existingFileOf(
  { overwrite, append }: ValuesOf<typeof OUTPUT_FILE_OPTIONS>,
  task: string,
): ExistingFile {
  if (overwrite && append) {
    throw new UsageError(
      `Cannot ${task}: --overwrite and --append exclude each other`,
    );
  }
  if (overwrite) return "overwrite";
  return append ? "append" : "refuse";
}

function shared(
  task: string,
  [flag, place]: Claim,
  [otherFlag, otherPlace]: Claim,
): UsageError {
  const names = [nameOf(place), nameOf(otherPlace)] as const;
  const what =
    names[0] === names[1]
      ? `${flag} and ${otherFlag} are both "${formatPlace(place!)}"`
      : `${flag} ${names[0]} and ${otherFlag} ${names[1]} are one file`;
  return new UsageError(`Cannot ${task}: ${what}, each needs its own`);
}

function nameOf(place: SourceSpec | SinkSpec | null): string {
  if (place === null) return "nothing";
  const isStream = place.kind === "stdin" || place.kind === "stdout";
  return isStream ? `- (${place.kind})` : formatPlace(place);
}
