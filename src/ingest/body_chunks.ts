import { Refusal } from "../http/refusal.ts";
import type { Chunk } from "../record/chunk.ts";
import { ChunkWriter, plainRecord } from "../record/chunk_writer.ts";
import { FramePool } from "../record/frame_pool.ts";
import { LineChunks } from "../source/lines/line_chunks.ts";
import { ArrayItems, skipSpace, skipSpaceBack } from "./array_items.ts";

/** How the visits stand in a body. */
export type BodyForm = "visit" | "array" | "lines";

/**
 * Items, or lines that are not blank, that a body may have: each costs time,
 * however short it is, and a small body may unpack to millions.
 */
export const ITEMS_MAX = 100_000;
/** Lines that it may have, the blank ones too. */
export const LINES_MAX = 10 * ITEMS_MAX;

const SPACE = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CHUNK_BYTES = 1024 * 1024;
/** What Kafka's form adds to a body, and to each of its records, bytes. */
const CHUNK_OVERHEAD = 128;
const RECORD_OVERHEAD = 24;

/**
 * Puts the visits of a body as records into chunks, the way in which lines of a
 * file go too. The offset of a record is the index of its item, or the number
 * of its line from 0 on.
 */
export class BodyChunks {
  readonly #lines = new LineChunks({ firstLine: 0, roundRecords: null });
  readonly #items = new ArrayItems(ITEMS_MAX);
  readonly #record = plainRecord();
  readonly #writer = new ChunkWriter(new FramePool(), {
    partition: 0,
    chunkBytes: CHUNK_BYTES,
    recordsMax: null,
  });

  /**
   * The chunks of a body, one after the other: each must be released before the
   * next one is asked for. Throws a `Refusal` for a body of too many items, or an
   * array that is not whole.
   */
  of(body: Buffer, form: BodyForm): Iterable<Chunk> {
    if (form === "visit") return this.#ofVisit(body);
    if (form === "lines") {
      if (hasTooManyLines(body)) throw tooMany();
      return this.#ofLines(body);
    }
    const isWhole = this.#items.read(body);
    if (this.#items.count > ITEMS_MAX) throw tooMany();
    if (isWhole) return this.#ofItems(body);
    throw new Refusal(
      400,
      "Cannot read body: it begins as a JSON array and is not one to its end, nothing of it was taken",
    );
  }

  *#ofLines(body: Buffer): Iterable<Chunk> {
    const lines = this.#lines;
    lines.line = 0;
    lines.expect(body.length);
    lines.open({ bytes: body, lostBytes: 0 });
    for (let isDone = false; !isDone; ) {
      isDone = lines.write();
      const chunk = lines.take(0);
      if (chunk !== null) yield chunk;
    }
  }

  *#ofVisit(body: Buffer): Iterable<Chunk> {
    const start = skipSpace(body, 0);
    const end = skipSpaceBack(body, start, body.length);
    this.#open(body, 1);
    this.#add(0, { start, end });
    yield this.#writer.take(0)!;
  }

  *#ofItems(body: Buffer): Iterable<Chunk> {
    const { count, starts, ends } = this.#items;
    this.#open(body, count);
    for (let index = 0; index < count; index++) {
      const place = { start: starts[index]!, end: ends[index]! };
      if (this.#add(index, place)) continue;
      yield this.#writer.take(0)!;
      this.#add(index, place);
    }
    const chunk = this.#writer.take(0);
    if (chunk !== null) yield chunk;
  }

  #open(body: Buffer, count: number): void {
    this.#record.bytes = body;
    const overhead = CHUNK_OVERHEAD + count * RECORD_OVERHEAD;
    this.#writer.expect(body.length + overhead);
  }

  /** Appends a record; false when the chunk has to be taken before that. */
  #add(offset: number, place: { start: number; end: number }): boolean {
    const record = this.#record;
    record.offset = offset;
    record.valueStart = place.start;
    record.valueLength = place.end - place.start;
    return this.#writer.add(record);
  }
}

function hasTooManyLines(body: Buffer): boolean {
  if (body.length < ITEMS_MAX) return false;
  let lines = 1;
  let visits = 0;
  let isBlank = true;
  for (let at = 0; at < body.length; at++) {
    if (body[at] === LINE_FEED) {
      isBlank = true;
      if (++lines > LINES_MAX) return true;
    } else if (isBlank && !isSpaceOfLine(body, at)) {
      isBlank = false;
      if (++visits > ITEMS_MAX) return true;
    }
  }
  return false;
}

/** Whether a byte is one that a blank line may have; a CR only before its LF. */
function isSpaceOfLine(body: Buffer, at: number): boolean {
  const byte = body[at];
  if (byte !== CARRIAGE_RETURN) return byte === SPACE || byte === TAB;
  return at + 1 === body.length || body[at + 1] === LINE_FEED;
}

function tooMany(): Refusal {
  return new Refusal(
    413,
    `Cannot take body: it must have at most ${ITEMS_MAX} visits, and ${LINES_MAX} lines with the blank ones; nothing of it was taken`,
  );
}
