import {
  type BigIntStats,
  fstatSync,
  readlinkSync,
  realpathSync,
  statSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { SinkSpec, SourceSpec } from "./config.ts";

const STDIN_FD = 0;
const STDOUT_FD = 1;

/**
 * What two places must not have in common, whatever they are called: a file is
 * known by its device and number, also where a shell has opened it as stdin or
 * stdout. None for what may be shared, such as `/dev/null`.
 */
export function identitiesOf(place: SourceSpec | SinkSpec): readonly string[] {
  switch (place.kind) {
    case "stdin":
      return ofDescriptor(STDIN_FD);
    case "stdout":
      return ["stdout", ...ofDescriptor(STDOUT_FD)];
    case "kafka":
      return [`kafka:${place.topic}`];
    case "file":
      return ofPath(place.path);
    default:
      return [];
  }
}

function ofDescriptor(fd: number): readonly string[] {
  try {
    return ofStat(fstatSync(fd, { bigint: true }));
  } catch {
    // It is closed.
    return [];
  }
}

function ofPath(path: string): readonly string[] {
  try {
    return ofStat(statSync(path, { bigint: true }));
  } catch (error) {
    const isMissing =
      error instanceof Error && "code" in error && error.code === "ENOENT";
    return [`path:${isMissing ? missingPath(path) : resolve(path)}`];
  }
}

/** Terminals, sockets and devices carry both ways, and take in all there is. */
function ofStat(stat: BigIntStats): readonly string[] {
  const isOneThing = stat.isFile() || stat.isFIFO();
  return isOneThing ? [`file:${stat.dev}:${stat.ino}`] : [];
}

/** One path for all names of a file that is still to be made. */
function missingPath(path: string): string {
  let place = resolve(path);
  try {
    place = join(realpathSync(dirname(place)), basename(place));
    return missingPath(resolve(dirname(place), readlinkSync(place)));
  } catch {
    // Its folder is missing too, or it is no link.
    return place;
  }
}
