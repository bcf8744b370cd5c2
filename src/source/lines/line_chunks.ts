import { LinePacker } from "../../kernel/host/line_packer.ts";
import type { Chunk } from "../../record/chunk.ts";
import { ChunkWriter, plainRecord } from "../../record/chunk_writer.ts";
import { FramePool } from "../../record/frame_pool.ts";
import type { Lines } from "./line_splitter.ts";

const LF = 0x0a;
const CR = 0x0d;

/** What a read of a file brings, and what Kafka's form adds to its lines. */
const CHUNK_BYTES = 1280 * 1024;
/** By so much lines grow in Kafka's form, if they are not very short. */
const GROWTH = 1.25;

/** How lines become chunks. */
export interface LineChunksOptions {
  /** Lines before this one are left out. */
  readonly firstLine: number;
  /** No chunk crosses a multiple of so many records; null for no such bound. */
  readonly roundRecords: number | null;
  /** In whose memory the lines are, or some of them; its own if left out. */
  readonly packer?: LinePacker;
}

/**
 * Puts whole lines as records into chunks, with their numbers as offsets. Blank
 * lines are skipped, a CR before the LF is stripped.
 */
export class LineChunks {
  readonly #writer: ChunkWriter;
  readonly #firstLine: number;
  readonly #packer: LinePacker;
  readonly #record = plainRecord();
  #at = 0;
  #isCut = false;
  /** Number of the next line. */
  line = 0;

  constructor({ firstLine, roundRecords, packer }: LineChunksOptions) {
    this.#firstLine = firstLine;
    this.#packer = packer ?? new LinePacker();
    this.#writer = new ChunkWriter(new FramePool(), {
      partition: 0,
      chunkBytes: CHUNK_BYTES,
      recordsMax: roundRecords,
    });
  }

  /** Says how many bytes of lines are at hand. */
  expect(byteLength: number): void {
    this.#writer.expect(byteLength * GROWTH);
  }

  /** Begins to write lines; the last one may lack its line feed. */
  open({ bytes, lostBytes }: Lines): void {
    this.#record.bytes = bytes;
    this.#at = 0;
    this.#isCut = lostBytes > 0;
  }

  /**
   * Goes on writing them; false when the chunk has to be taken first, and this
   * is to be called again.
   */
  write(): boolean {
    const { length } = this.#record.bytes;
    while (this.#at < length) {
      if (!this.#pack() && !this.#writeLine()) return false;
    }
    return true;
  }

  /** The records so far, null when there are none. */
  take(fetchedAtMs: number): Chunk | null {
    return this.#writer.take(fetchedAtMs);
  }

  /** Packs many lines; false when the next one has to be written alone. */
  #pack(): boolean {
    if (this.#isCut || this.line < this.#firstLine) return false;
    const writer = this.#writer;
    const packed = this.#packer.pack(this.#record.bytes, this.#at, {
      room: writer.room,
      recordsLeft: writer.recordsLeft,
      delta: writer.deltaOf(this.line),
    });
    if (packed === null) return false;
    const { records, first, last } = packed;
    if (records > 0) {
      writer.addPacked({
        ...packed,
        firstOffset: this.line + first,
        lastOffset: this.line + last,
      });
    }
    this.#at += packed.byteLength;
    this.line += packed.lines;
    return true;
  }

  /** Writes the next line; false when the chunk has to be taken first. */
  #writeLine(): boolean {
    const record = this.#record;
    const { bytes } = record;
    const start = this.#at;
    const lineFeed = this.#isCut ? -1 : bytes.indexOf(LF, start);
    let end = lineFeed === -1 ? bytes.length : lineFeed;
    const next = end + 1;
    // A cut line is too large, and must stay so whatever it begins with.
    if (!this.#isCut && end > start && bytes[end - 1] === CR) end--;
    if (this.#isWanted(start, end)) {
      record.valueStart = start;
      record.valueLength = end - start;
      record.offset = this.line;
      if (!this.#writer.add(record)) return false;
    }
    this.#at = next;
    this.line++;
    return true;
  }

  #isWanted(start: number, end: number): boolean {
    if (this.line < this.#firstLine) return false;
    return this.#isCut || !isBlank(this.#record.bytes, start, end);
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte !== 0x20 && byte !== 0x09) return false;
  }
  return true;
}
