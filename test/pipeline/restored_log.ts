import assert from "node:assert/strict";
import { encodeMark, type Mark } from "../../src/checkpoint/mark.ts";
import { encodeMetadata } from "../../src/checkpoint/offset_metadata.ts";
import { WorldError } from "../../src/errors.ts";
import { restoreWindows } from "../../src/pipeline/restore.ts";
import type { RestoreWorld } from "../../src/pipeline/restore_world.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import { MARK } from "../checkpoint/marks.ts";
import { listChunk } from "../support/list_chunk.ts";

/** A record that is no mark. */
export const PUT = "\u0011 a session";

/** What is committed of a partition, and the records of its log. */
export interface Kept {
  readonly offset: number | null;
  readonly metadata: string;
  /** The offset of the log's first record. */
  readonly earliest: number;
  readonly records: readonly string[];
}

/** A partition with a session and its mark, one record in front of them. */
export function keptOf(mark: Partial<Mark> = {}, offset = MARK.offset): Kept {
  const metadata = { from: 8, end: 10, by: "g-b", commit: 5, log: "windows" };
  return {
    offset,
    metadata: encodeMetadata(metadata),
    earliest: 7,
    records: [PUT, PUT, encodeMark({ ...MARK, ...mark }).toString()],
  };
}

/** Restores partitions in a world of these, from 0 on. */
export async function restore(
  kept: readonly Kept[],
  options: {
    voided?: readonly number[];
    job?: Mark["job"];
    onNewTopic?: "stop" | "drop";
    /** The input's id by now: that of the request, if left out. */
    topicIdNow?: string;
    /** How the log is read, instead of what is kept of it. */
    readLog?: () => Promise<void>;
  } = {},
) {
  const { voided = [], job = MARK.job, onNewTopic = "stop" } = options;
  const warnings: string[] = [];
  const restoredChunks: Chunk[] = [];
  const world: RestoreWorld = {
    ...{ topic: "visits", group: "g", logTopic: "windows", job, onNewTopic },
    resetCommand: (log) => `sessionmill state reset --window-log ${log}`,
    committed: async (partitions) =>
      new Map(partitions.map((each) => [each, kept[each]!])),
    logBounds: async (partitions) =>
      new Map(
        partitions.map((each) => {
          const { earliest, records } = kept[each]!;
          return [each, { earliest, end: earliest + records.length }];
        }),
      ),
    topicIdNow: async () => options.topicIdNow ?? MARK.topicId,
    async readLog(ranges, take) {
      await options.readLog?.();
      for (const { partition, from, end } of ranges) {
        if (from === end) continue;
        const { earliest, records } = kept[partition]!;
        const wanted = records.slice(from - earliest, end - earliest);
        let baseOffset = from;
        // A mark is the last record of its batch.
        while (wanted.length > 0) {
          const isMark = (record: string) => record.startsWith("{");
          const length = wanted.findIndex(isMark) + 1 || wanted.length;
          const batch = wanted.splice(0, length);
          await take(listChunk(batch, { partition, baseOffset }));
          baseOffset += length;
        }
      }
    },
    async restore(chunk) {
      restoredChunks.push(chunk);
    },
    clear() {
      restoredChunks.length = 0;
    },
    warn: (text) => warnings.push(text),
  };
  const partitions = kept.map((_, partition) => partition);
  const request = { partitions, topicId: MARK.topicId, voided };
  const restored = await restoreWindows(request, world);
  return { restored, warnings, restoredChunks };
}

/** Restores likewise, which is refused; why. */
export async function refusal(
  ...args: Parameters<typeof restore>
): Promise<string> {
  const error: unknown = await restore(...args).then(
    () => assert.fail("nothing was refused"),
    (thrown) => thrown,
  );
  assert.ok(error instanceof WorldError, String(error));
  return error.message;
}

/** A log with a session of each of these marks, and no offset any more. */
export function expiredOf(marks: readonly Partial<Mark>[]): Kept {
  const records = marks.flatMap((mark, index) => [
    PUT,
    encodeMark({ ...MARK, commit: 1 + index, ...mark }).toString(),
  ]);
  return { offset: null, metadata: "", earliest: 0, records };
}
