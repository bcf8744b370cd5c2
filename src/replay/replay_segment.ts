import { WorldError } from "../errors.ts";
import { type Chunk, placeOf } from "../record/chunk.ts";
import { ChunkWriter, plainRecord } from "../record/chunk_writer.ts";
import { FramePool } from "../record/frame_pool.ts";
import { RecordWalker } from "../record/record_walker.ts";
import { parseEventTime } from "../window/event_time.ts";
import { JsonMembers } from "../window/json_members.ts";

/** The last instant that is not the end of time: 9999-12-31T23:59:59.999Z. */
const MAX_TIME_MS = 253402300799999;
/** Control lines have one key and a time: they are never longer than this. */
const CONTROL_BYTES_MAX = 4096;
/** As much of a line is kept as tells what it is. */
const HEAD_BYTES = 8192;
const WATERMARK = 0;
const members = new JsonMembers(["watermark"]);

/**
 * The visits of a chunk of lines up to the next control line. `open` a chunk,
 * `visits` gives the first ones, then `takeWatermark` the watermark of the
 * control line behind them, then `visits` those behind it, and so on.
 */
export class ReplaySegment {
  readonly #topic: string;
  readonly #walker = new RecordWalker();
  readonly #writer = new ChunkWriter(new FramePool(), {
    partition: 0,
    // A chunk is in bounds, and so are the parts of it.
    chunkBytes: Number.POSITIVE_INFINITY,
    recordsMax: null,
  });
  readonly #record = plainRecord();
  #fetchedAtMs = 0;
  #watermarkMs: number | null = null;
  #head: Buffer | null = null;

  constructor(topic: string) {
    this.#topic = topic;
  }

  /** Begins with the lines of a chunk, which stays its owner's. */
  open(chunk: Chunk): void {
    this.#fetchedAtMs = chunk.fetchedAtMs;
    this.#walker.open(placeOf(chunk, this.#topic));
    this.#writer.expect(chunk.byteLength);
  }

  /**
   * The visits up to the next control line or the end; null when there are
   * none. Throws a `WorldError` for a bad control line.
   */
  visits(): Chunk | null {
    while (this.#walker.next()) {
      this.#watermarkMs = controlWatermarkMs(this.#walker);
      if (this.#watermarkMs !== null) break;
      this.#keep();
    }
    return this.#writer.take(this.#fetchedAtMs);
  }

  /** The watermark that ended the visits; null at the end of the chunk. */
  takeWatermark(): number | null {
    const watermarkMs = this.#watermarkMs;
    this.#watermarkMs = null;
    return watermarkMs;
  }

  /** The start of the first line that is no control line, to tell what it is. */
  get head(): Buffer | null {
    return this.#head;
  }

  #keep(): void {
    const { bytes, offset, record: line } = this.#walker;
    const { valueStart, valueLength } = line;
    const headEnd = valueStart + Math.min(valueLength, HEAD_BYTES);
    this.#head ??= Buffer.from(bytes.subarray(valueStart, headEnd));
    const record = this.#record;
    record.bytes = bytes;
    record.valueStart = valueStart;
    record.valueLength = valueLength;
    record.offset = offset;
    if (this.#writer.add(record)) return;
    throw new Error(`Cannot replay line ${offset + 1}: no room for it`);
  }
}

/** The watermark of a control line, ms; null for any other line. */
function controlWatermarkMs(walker: RecordWalker): number | null {
  const { bytes, offset, record } = walker;
  const { valueStart, valueLength } = record;
  if (valueLength > CONTROL_BYTES_MAX) return null;
  const line = bytes.subarray(valueStart, valueStart + valueLength);
  if (!line.includes("watermark") && !line.includes("\\u")) return null;
  if (members.read(line) !== null || members.others > 0) return null;
  const json = members.json(WATERMARK);
  return json === null ? null : toWatermarkMs(json, offset + 1);
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
