import { WorldError } from "../errors.ts";
import type { RecordBatch, RecordCursor } from "../record/record_batch.ts";
import { parseEventTime } from "../window/event_time.ts";

/** The last instant that is not the end of time: 9999-12-31T23:59:59.999Z. */
const MAX_TIME_MS = 253402300799999;
/** Control lines have one key and a time: they are never longer than this. */
const CONTROL_BYTES_MAX = 4096;

/**
 * The visits of a batch of lines up to the next control line. The batch can be
 * routed, then `takeWatermark` gives the control line's watermark, and the
 * visits behind it can be routed, and so on.
 */
export class ReplaySegment implements RecordBatch {
  readonly partition: number;
  readonly fetchedAtMs: number;
  readonly byteLength: number;
  readonly #lines: RecordBatch;
  #watermarkMs: number | null = null;

  constructor(lines: RecordBatch) {
    this.#lines = lines;
    this.partition = lines.partition;
    this.fetchedAtMs = lines.fetchedAtMs;
    this.byteLength = lines.byteLength;
  }

  next(cursor: RecordCursor): boolean {
    if (!this.#lines.next(cursor)) return false;
    this.#watermarkMs = controlWatermarkMs(cursor);
    return this.#watermarkMs === null;
  }

  /** The watermark that ended the segment; null at the end of the batch. */
  takeWatermark(): number | null {
    const watermarkMs = this.#watermarkMs;
    this.#watermarkMs = null;
    return watermarkMs;
  }

  /** Nothing is given back before the batch is read to its end. */
  release(): void {}
}

/** The watermark of a control line, ms; null for any other line. */
function controlWatermarkMs(cursor: RecordCursor): number | null {
  const { bytes, valueStart, valueLength } = cursor;
  if (valueLength > CONTROL_BYTES_MAX) return null;
  const line = bytes.toString("utf8", valueStart, valueStart + valueLength);
  if (!line.includes("watermark") && !line.includes("\\u")) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null) return null;
  const entries = Object.entries(parsed);
  if (entries.length !== 1 || entries[0]![0] !== "watermark") return null;
  return toWatermarkMs(entries[0]![1], cursor.offset + 1);
}

function toWatermarkMs(value: unknown, lineNumber: number): number {
  // A number too large for JSON.parse arrives as Infinity.
  if (typeof value === "number" && (value % 1 === 0 || value === Infinity)) {
    return value > MAX_TIME_MS ? Infinity : value;
  }
  const parsed = typeof value === "string" ? parseEventTime(value) : null;
  if (typeof parsed === "number") return parsed;
  throw new WorldError(
    `Cannot replay line ${lineNumber}: watermark must be an ISO 8601 time ` +
      `with an offset or whole ms since the epoch, got ${JSON.stringify(value)}`,
  );
}
