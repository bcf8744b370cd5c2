import { decodeMetadata } from "../checkpoint/offset_metadata.ts";
import { WorldError } from "../errors.ts";
import type { GroupOffsets, StateQuery } from "./group_offsets.ts";

/** Throws a `WorldError` where the group has its open sessions in another log. */
export function assertNamedLog(
  { kafka, topic, windowLog }: StateQuery,
  { committed }: GroupOffsets,
): void {
  for (const { metadata } of committed.values()) {
    const log = decodeMetadata(metadata)?.log ?? null;
    if (log === null || log === windowLog) continue;
    throw new WorldError(
      `Cannot look at window log "${windowLog}": group "${kafka.group}" has its ` +
        `open sessions of "${topic}" in "${log}", add --window-log ${log}`,
    );
  }
}

/** True when commits name the log, which is then that of the group. */
export function isNamed({ committed }: GroupOffsets): boolean {
  return [...committed.values()].some(
    ({ metadata }) => (decodeMetadata(metadata)?.log ?? null) !== null,
  );
}
