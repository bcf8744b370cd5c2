import { RecordFrame } from "../../src/generate/record_frame.ts";
import { openRecordSink } from "./record_sink.ts";

// Visits of sessions that all stay open: those of each are less than a gap
// apart, and none is so new that the watermark passes the end of another.

const START_MS = Date.UTC(2024, 5, 1);
/** Between two visits of a visitor; the watermark stays 20 min behind. */
const PAUSE_MS = 10_000;

/** What is loaded, and where to. */
export interface OpenSessionsOptions {
  readonly brokers: string;
  /** Must be there. */
  readonly topic: string;
  readonly sessions: number;
  /** Visits of each session. */
  readonly visits: number;
  /** Visits of each that were loaded before. */
  readonly skip?: number;
}

/** Loads so many visits of each session, round by round. */
export async function loadOpenSessions(
  options: OpenSessionsOptions,
): Promise<void> {
  const { brokers, topic, sessions, visits, skip = 0 } = options;
  const sink = await openRecordSink(brokers, topic);
  const frame = new RecordFrame();
  for (let visit = skip; visit < skip + visits; visit++) {
    const tail = tailOf(START_MS + visit * PAUSE_MS);
    for (let session = 0; session < sessions; session++) {
      if (frame.isFull) {
        await sink.write(frame);
        frame.clear();
      }
      addVisit(frame, session, tail);
    }
  }
  await sink.write(frame);
  await sink.close();
}

const HEAD = '{"visit_id": "';
const DIGITS = 10;
function tailOf(timeMs: number): string {
  const time = new Date(timeMs).toISOString();
  return `", "event_time": "${time}", "page": "home", "user_id": "somebody"}`;
}

function visitIdOf(session: number): string {
  return String(session).padStart(DIGITS, "0");
}

function addVisit(frame: RecordFrame, session: number, tail: string): void {
  const id = visitIdOf(session);
  const length = frame.bytes.write(`${HEAD}${id}${tail}`, frame.end, "latin1");
  frame.add(length, HEAD.length, DIGITS);
}
