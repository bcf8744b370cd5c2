import { CONSTANTS_BYTES_MAX } from "../codes.ts";
import type { KernelExports } from "./generated/kernel_exports.ts";
import { KERNEL_WASM } from "./generated/kernel_wasm.ts";
import { instantiate } from "./wasm.ts";

const LF = 0x0a;
/** So many bytes of lines, and their records, stay in a core's cache. */
const LINES_BYTES = 128 * 1024;
const ROOM_BYTES = LINES_BYTES + LINES_BYTES / 4;
/** The kernel reads a little more than there is, and writes behind what it writes. */
const SPARE_BYTES = 64;

/** What is read of a file at a time. */
const READ_BYTES = 1024 * 1024;

const LINES_AT = CONSTANTS_BYTES_MAX;
const RECORDS_AT = LINES_AT + LINES_BYTES + SPARE_BYTES;
const FIRST_READ_AT = RECORDS_AT + ROOM_BYTES + SPARE_BYTES;
const SECOND_READ_AT = FIRST_READ_AT + READ_BYTES + SPARE_BYTES;
const MEMORY_BYTES = SECOND_READ_AT + READ_BYTES + SPARE_BYTES;

/** No line of those that are looked at together is further from the batch's start. */
const DELTA_MAX = 0x7fffffff - READ_BYTES;

/** The batch that lines are packed for. */
export interface PackedBatch {
  /** Bytes of records that it has room for. */
  readonly room: number;
  /** How many more it may have. */
  readonly recordsLeft: number;
  /** The first line's offset from the batch's; -1 while it has no record. */
  readonly delta: number;
}

/** What came of lines. */
export interface PackedLines {
  /** Where the records are, as they stand in a batch, until the next call. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly records: number;
  /** Lines that were taken, blank ones too, and their bytes. */
  readonly lines: number;
  readonly byteLength: number;
  /** Which of the lines is the first record, and which the last. */
  readonly first: number;
  readonly last: number;
}

/** Makes records of lines, many at a time, in the kernel: see pack_lines.ts. */
export class LinePacker {
  /** Two pieces of its memory, for reads: lines in them need not be copied. */
  readonly reads: readonly [Buffer, Buffer];
  readonly #calls: KernelExports;
  readonly #memory: Buffer;

  constructor() {
    const { calls, memory } = instantiate<KernelExports>(
      KERNEL_WASM,
      MEMORY_BYTES,
    );
    this.#calls = calls;
    this.#memory = Buffer.from(memory.buffer);
    const readAt = (at: number) => this.#memory.subarray(at, at + READ_BYTES);
    this.reads = [readAt(FIRST_READ_AT), readAt(SECOND_READ_AT)];
  }

  /**
   * Packs the next of whole lines, from `at` on; the last one may lack its line
   * feed. Null where the first of them has no room here or in the batch.
   */
  pack(lines: Buffer, at: number, batch: PackedBatch): PackedLines | null {
    if (batch.delta > DELTA_MAX) return null;
    const calls = this.#calls;
    const { from, end } = this.#place(lines, at, batch.room);
    const recordsEnd = calls.packLines(
      from,
      end,
      RECORDS_AT,
      RECORDS_AT + Math.min(ROOM_BYTES, batch.room),
      batch.delta,
      Math.min(batch.recordsLeft, READ_BYTES),
    );
    const taken = calls.packedLines.value;
    if (taken === 0) return null;
    return {
      bytes: this.#memory,
      start: RECORDS_AT,
      end: recordsEnd,
      records: calls.packedRecords.value,
      lines: taken,
      byteLength: calls.packedTo.value - from,
      first: calls.firstPacked.value,
      last: calls.lastPacked.value,
    };
  }

  /** Where the next lines are in the memory, or so many of them as fit. */
  #place(lines: Buffer, at: number, room: number) {
    if (lines.buffer === this.#memory.buffer) {
      const { byteOffset, length } = lines;
      return { from: byteOffset + at, end: byteOffset + length };
    }
    const end = wholeLinesEnd(lines, at, room);
    lines.copy(this.#memory, LINES_AT, at, end);
    return { from: LINES_AT, end: LINES_AT + end - at };
  }
}

/** Where the lines end that are copied together; `at` if the first is longer. */
function wholeLinesEnd(lines: Buffer, at: number, room: number): number {
  const length = Math.min(LINES_BYTES, room);
  if (lines.length - at <= length) return lines.length;
  return Math.max(at, lines.lastIndexOf(LF, at + length - 1) + 1);
}
