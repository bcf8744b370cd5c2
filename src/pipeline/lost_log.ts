import { decodeMetadata } from "../checkpoint/offset_metadata.ts";
import { WorldError } from "../errors.ts";
import type { CommittedOffset } from "../kafka/committed_offsets.ts";
import type { RestoreWorld } from "./restore_world.ts";

/** Whose window log it is, and how it is called. */
export type LogNames = Pick<
  RestoreWorld,
  "topic" | "group" | "logTopic" | "resetCommand"
>;

/**
 * Why a window log that is not there must not be made: the group has committed
 * open sessions to it. Null when there are none.
 */
export function missingLog(
  committed: ReadonlyMap<number, CommittedOffset>,
  names: LogNames,
): WorldError | null {
  for (const { offset, metadata } of committed.values()) {
    const known = offset === null ? null : decodeMetadata(metadata);
    if (known === null || known.end === 0) continue;
    const { topic, group, logTopic, resetCommand } = names;
    const { log } = known;
    if (log !== null && log !== logTopic) return otherLog(log, names);
    return new WorldError(
      `Cannot go on: window log "${logTopic}" does not exist, and group ` +
        `"${group}" has open sessions of "${topic}" in it: it was deleted, or was ` +
        "called otherwise with --window-log; name it as it was, or start anew " +
        `with: ${resetCommand(logTopic)}`,
    );
  }
  return null;
}

/** The refusal to go on with another log than the one that was written to. */
export function otherLog(
  log: string,
  { topic, group, logTopic, resetCommand }: LogNames,
): WorldError {
  return new WorldError(
    `Cannot go on with window log "${logTopic}": group "${group}" has its open ` +
      `sessions of "${topic}" in "${log}"; add --window-log ${log}, or start anew ` +
      `with: ${resetCommand(log)}`,
  );
}
