import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type {
  ExistingFile,
  RunConfig,
  SinkSpec,
  SourceSpec,
} from "./config.ts";
import type { ValuesOf } from "./option.ts";
import type { OUTPUT_FILE_OPTIONS } from "./output_options.ts";
import { formatPlace } from "./place_types.ts";

/**
 * Sees to it that no output writes over another one or over the input. Throws
 * a `UsageError` naming the two flags.
 */
export function checkOutputs(
  config: Pick<
    RunConfig,
    "from" | "to" | "lateTo" | "deadLetterTo" | "durability"
  >,
): void {
  const flagsByPlace = new Map<string, string>();
  claim(flagsByPlace, "--from", config.from);
  claim(flagsByPlace, "--to", config.to);
  claim(flagsByPlace, "--late-to", config.lateTo);
  claim(flagsByPlace, "--dead-letter-to", config.deadLetterTo);
  if (config.durability === null) return;
  const { windowLog: topic } = config.durability;
  claim(flagsByPlace, "--window-log", { kind: "kafka", topic });
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

function claim(
  flagsByPlace: Map<string, string>,
  flag: string,
  place: SourceSpec | SinkSpec | null,
): void {
  const identity = place === null ? null : identityOf(place);
  if (place === null || identity === null) return;
  const other = flagsByPlace.get(identity);
  flagsByPlace.set(identity, flag);
  // Late visits and dead letters carry their reason: one topic may take both.
  const mayShare =
    place.kind === "kafka" &&
    flag === "--dead-letter-to" &&
    other === "--late-to";
  if (other === undefined || mayShare) return;
  throw new UsageError(
    `Cannot run: ${other} and ${flag} are both "${formatPlace(place)}", each needs its own`,
  );
}

/** What two places must not have in common; null when sharing is harmless. */
function identityOf(place: SourceSpec | SinkSpec): string | null {
  switch (place.kind) {
    case "stdout":
      return "stdout";
    case "kafka":
      return `kafka:${place.topic}`;
    case "file": {
      const path = realPath(place.path);
      return path.startsWith("/dev/") ? null : `file:${path}`;
    }
    default:
      return null;
  }
}

/** One path for all names of a file. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
