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

/** Records at the end of a partition that are looked at. */
const TAIL_RECORDS = 500;
const FRAMES_MAX = 4;
/** As the generator makes them. */
const OUR_VISIT_ID = /^\d{15}_\d+$/;

/** What stands in the topics of a load before it begins. */
export interface TopicState {
  /** Which time the records of sessions have. */
  readonly stamp: SessionStamp;
  /** The highest event time of the last visits, ms; null for an empty topic. */
  readonly clockMs: number | null;
  /** A visit_id that no load or generator made; null when there is none. */
  readonly foreignVisitId: string | null;
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
 * Looks at both topics, and at the last visits. Throws a `WorldError` when one is
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
    const ranges = bounds.map(({ partition, low, high }): LogRange => {
      const end = Number(high);
      return {
        partition,
        from: Math.max(Number(low), end - TAIL_RECORDS),
        end,
      };
    });
    return { stampType: settings.get(name), ranges };
  });
  const tail = new Tail();
  const log = { warn, info: () => {} };
  const options = { kafka, topic: visitsTopic, framesMax: FRAMES_MAX, log };
  await readLog(options, found.ranges, async (chunk) => {
    try {
      tail.read(placeOf(chunk, visitsTopic));
    } finally {
      chunk.release();
    }
  });
  const { clockMs, foreignVisitId } = tail;
  return { stamp: stampOf(found.stampType), clockMs, foreignVisitId };
}

function stampOf(type: string | undefined): SessionStamp {
  if (type === undefined) return "unknown";
  return type === "LogAppendTime" ? "append" : "create";
}

/** What the last visits say. */
class Tail {
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
    if (!OUR_VISIT_ID.test(String(visit_id))) {
      this.foreignVisitId = String(visit_id);
    }
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
