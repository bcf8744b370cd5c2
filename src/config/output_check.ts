import { resolve } from "node:path";
import { UsageError } from "../errors.ts";
import type { RunConfig, SinkSpec, SourceSpec } from "./config.ts";
import { formatPlace } from "./place_types.ts";

/**
 * Sees to it that no output writes over another one or over the input. Throws
 * a `UsageError` naming the two flags.
 */
export function checkOutputs(
  config: Pick<RunConfig, "from" | "to" | "lateTo" | "deadLetterTo">,
): void {
  const flagsByPlace = new Map<string, string>();
  claim(flagsByPlace, "--from", config.from);
  claim(flagsByPlace, "--to", config.to);
  claim(flagsByPlace, "--late-to", config.lateTo);
  claim(flagsByPlace, "--dead-letter-to", config.deadLetterTo);
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
      const path = resolve(place.path);
      return path.startsWith("/dev/") ? null : `file:${path}`;
    }
    default:
      return null;
  }
}
