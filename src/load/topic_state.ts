import type { KafkaConfig } from "../config/config.ts";
import { WorldError } from "../errors.ts";
import {
  countPartitions,
  readTopicConfig,
  withAdmin,
} from "../kafka/topics.ts";
import { type ChunkPlace, placeOf } from "../record/chunk.ts";
import { RecordWalker } from "../record/record_walker.ts";
import { type LogRange, readLog } from "../source/kafka/log_reader.ts";
import { parseEventTime } from "../window/event_time.ts";
import { isOfLoad } from "./load_mark.ts";

/** Records at either end of a partition that are looked at. */
const END_RECORDS = 500;
const FRAMES_MAX = 4;

/** What stands in the topics of a load before it begins. */
export interface TopicState {
  /** Which time the records of sessions have. */
  readonly stamp: SessionStamp;
  /** The highest event time of the last visits, ms; null for an empty topic. */
  readonly clockMs: number | null;
  /** A visit_id that no load has made; null when there is none. */
  readonly foreignVisitId: string | null;
  /** Where each partition of visits ended. */
  readonly endOffsets: ReadonlyMap<number, number>;
}

/** `append`: of the broker; `create`: when the job sent it; or not known. */
export type SessionStamp = "append" | "create" | "unknown";

/** Which topics, and how they are reached. */
export interface TopicQuery {
  readonly kafka: KafkaConfig;
  readonly visitsTopic: string;
  readonly sessionsTopic: string;
  readonly warn: (text: string) => void;
}

/**
 * Looks at both topics, and at the first and last visits. Throws a `WorldError` when one is
 * missing or cannot be read.
 */
export async function lookAtTopics(query: TopicQuery): Promise<TopicState> {
  const { kafka, visitsTopic, sessionsTopic, warn } = query;
  const found = await withAdmin(kafka, async (admin) => {
    for (const topic of [visitsTopic, sessionsTopic]) {
      const use = { topic, partitionCount: 0, mayCreate: false } as const;
      const count = await countPartitions(admin, { ...use, purpose: "read" });
      if (count > 0) continue;
      throw new WorldError(
        `Cannot load: topic "${topic}" does not exist on ${kafka.brokers.join(",")}, expected the topics of a job that is running`,
      );
    }
    const name = "message.timestamp.type";
    const settings = await readTopicConfig(admin, sessionsTopic, [name]);
    const bounds = await admin.fetchTopicOffsets(visitsTopic);
    const logs = bounds.map(({ partition, low, high }): LogRange => {
      return { partition, from: Number(low), end: Number(high) };
    });
    return { stampType: settings.get(name), logs };
  });
  const seen = new SeenVisits();
  const log = { warn, info: () => {} };
  const options = { kafka, topic: visitsTopic, framesMax: FRAMES_MAX, log };
  for (const ranges of endsOf(found.logs)) {
    await readLog(options, ranges, async (chunk) => {
      try {
        seen.read(placeOf(chunk, visitsTopic));
      } finally {
        chunk.release();
      }
    });
  }
  const { clockMs, foreignVisitId } = seen;
  const endOffsets = new Map(
    found.logs.map(({ partition, end }) => [partition, end]),
  );
  const stamp = stampOf(found.stampType);
  return { stamp, clockMs, foreignVisitId, endOffsets };
}

/** The first records of each partition, and the last: others may be gone, or new. */
function endsOf(logs: readonly LogRange[]): LogRange[][] {
  const last = logs.map((log) => {
    return { ...log, from: Math.max(log.from, log.end - END_RECORDS) };
  });
  const first = logs.map((log, i) => {
    return { ...log, end: Math.min(last[i]!.from, log.from + END_RECORDS) };
  });
  return [first, last];
}

function stampOf(type: string | undefined): SessionStamp {
  if (type === undefined) return "unknown";
  return type === "LogAppendTime" ? "append" : "create";
}

/** What some visits say. */
class SeenVisits {
  readonly #walker = new RecordWalker();
  clockMs: number | null = null;
  foreignVisitId: string | null = null;

  read(place: ChunkPlace): void {
    const walker = this.#walker;
    walker.open(place);
    while (walker.next()) {
      const { valueStart, valueLength } = walker.record;
      if (valueLength < 0) continue;
      const end = valueStart + valueLength;
      this.#take(walker.bytes.toString("utf8", valueStart, end));
    }
  }

  #take(value: string): void {
    const visit = parsed(value);
    if (visit === null) return;
    const { visit_id, event_time } = visit;
    const timeMs = parseEventTime(String(event_time));
    if (typeof timeMs !== "number") return;
    this.clockMs = Math.max(this.clockMs ?? timeMs, timeMs);
    if (!isOfLoad(visit_id)) this.foreignVisitId = String(visit_id);
  }
}

/** Whatever else stands in a topic is nobody's visit. */
function parsed(value: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(value);
    return typeof json === "object" ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
