import { WorldError } from "../errors.ts";
import type { RecordBatch, RecordCursor } from "../record/record_batch.ts";
import { parseEventTime } from "../window/event_time.ts";
import { JsonMembers } from "../window/json_members.ts";

/** The last instant that is not the end of time: 9999-12-31T23:59:59.999Z. */
const MAX_TIME_MS = 253402300799999;
/** Control lines have one key and a time: they are never longer than this. */
const CONTROL_BYTES_MAX = 4096;
const WATERMARK = 0;
const members = new JsonMembers(["watermark"]);

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
  const line = bytes.subarray(valueStart, valueStart + valueLength);
  if (!line.includes("watermark") && !line.includes("\\u")) return null;
  if (members.read(line) !== null || members.others > 0) return null;
  const json = members.json(WATERMARK);
  return json === null ? null : toWatermarkMs(json, cursor.offset + 1);
}

function toWatermarkMs(json: string, lineNumber: number): number {
  const text = members.string(WATERMARK);
  if (typeof text === "string") {
    const instantMs = parseEventTime(text);
    if (typeof instantMs === "number") return instantMs;
  }
  // Not a number for what is none; Infinity for one that is too large.
  const ms = Number(json);
  if (ms % 1 === 0 || ms === Infinity) return ms > MAX_TIME_MS ? Infinity : ms;
  throw new WorldError(
    `Cannot replay line ${lineNumber}: watermark must be an ISO 8601 time ` +
      `with an offset or whole ms since the epoch, got ${json}`,
  );
}
