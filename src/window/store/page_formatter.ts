import { FORMAT_WASM } from "../generated/format_wasm.ts";
import { instantiate, type WasmMemory } from "../wasm.ts";
import { copyAscii, viewOf } from "./ascii.ts";
import type { SessionText } from "./session_text.ts";
import type { Slab } from "./slab.ts";
import { SHARED_TIME_MAX } from "./visit_log_format.ts";

const WASM_PAGE_BYTES = 65_536;
/** Bytes behind each part, which are read and written with its last ones. */
const SLACK_BYTES = 16;
/** Up to here a loop over words beats a call into native code. */
const FEW_BYTES = 256;

/** What a session takes to be formatted. */
export interface FormatRoom {
  readonly pages: number;
  /** Bytes of visits in its largest chunk. */
  readonly chunkBytes: number;
  /** Bytes of its JSON at most. */
  readonly textBytes: number;
}

/** What src/window/kernel/format.ts exports; documented there. */
interface FormatExports {
  readonly memory: WasmMemory;
  readonly BASE_TIME: { readonly value: number };
  readonly NEXT_PAGE_LENGTH: { readonly value: number };
  firstFree(): number;
  place(timesAt: number, rawAt: number, outAt: number): void;
  begin(baseTimeLength: number): void;
  formatPages(rawLength: number, textAt: number): number;
  pageCount(): number;
  areSorted(): number;
}

/**
 * Writes the pages of sessions as JSON, by `src/window/kernel/format.ts`, into
 * memory of its own. That cannot be given back in part, so a session that takes
 * more than others gets a formatter for itself.
 */
export class PageFormatter {
  /** The text; who writes what stands around the pages writes here too. */
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Start and end of each page's time in the text, in order of arrival. */
  readonly times: Int32Array;
  /** Bytes that stand behind the last page too many. */
  readonly separatorLength: number;
  readonly #room: FormatRoom;
  readonly #kernel: FormatExports;
  readonly #memory: Buffer;
  readonly #memoryView: DataView;
  readonly #words: Int32Array;
  readonly #rawAt: number;

  constructor(room: FormatRoom) {
    const kernel = instantiate<FormatExports>(FORMAT_WASM);
    const timesAt = kernel.firstFree();
    const rawAt = aligned(timesAt + 8 * room.pages);
    const textAt = aligned(rawAt + room.chunkBytes + SLACK_BYTES);
    const end = textAt + room.textBytes + SLACK_BYTES;
    const missing = end - kernel.memory.buffer.byteLength;
    kernel.memory.grow(Math.max(0, Math.ceil(missing / WASM_PAGE_BYTES)));
    kernel.place(timesAt, rawAt, textAt);
    const { buffer } = kernel.memory;
    this.#room = room;
    this.#kernel = kernel;
    this.#rawAt = rawAt;
    this.#memory = Buffer.from(buffer);
    this.#memoryView = viewOf(this.#memory);
    this.#words = new Int32Array(buffer);
    this.bytes = Buffer.from(buffer, textAt, room.textBytes);
    this.view = viewOf(this.bytes);
    this.times = new Int32Array(buffer, timesAt, 2 * room.pages);
    this.separatorLength = kernel.NEXT_PAGE_LENGTH.value;
  }

  get bytesHeld(): number {
    return this.#memory.length;
  }

  /** Whether there is room for a session. */
  holds({ pages, chunkBytes, textBytes }: FormatRoom): boolean {
    const room = this.#room;
    return (
      pages <= room.pages &&
      chunkBytes <= room.chunkBytes &&
      textBytes <= room.textBytes
    );
  }

  /** Begins with the pages of a session. */
  begin(text: SessionText): void {
    const { timeStart, timeLength } = text;
    if (timeLength <= SHARED_TIME_MAX) {
      const at = this.#kernel.BASE_TIME.value;
      copyAscii(text.view, timeStart, this.#memoryView, at, timeLength);
    }
    this.#kernel.begin(timeLength);
  }

  /**
   * Writes the visits of a chunk at `at` of the text, behind `{"page": "`;
   * returns the place behind the same text for a next page.
   */
  add(slab: Slab, start: number, end: number, at: number): number {
    const length = end - start;
    if (length <= FEW_BYTES) {
      // Chunks begin at whole words; what is behind the visits does not matter.
      const from = start >> 2;
      const to = this.#rawAt >> 2;
      const words = (length + 3) >> 2;
      for (let i = 0; i < words; i++) {
        this.#words[to + i] = slab.ints[from + i]!;
      }
    } else slab.bytes.copy(this.#memory, this.#rawAt, start, end);
    return this.#kernel.formatPages(length, at);
  }

  /** Pages since `begin`. */
  get pageCount(): number {
    return this.#kernel.pageCount();
  }

  /** Whether the times of the pages, as strings, are in order. */
  get isSorted(): boolean {
    return this.#kernel.areSorted() === 1;
  }
}

function aligned(address: number): number {
  return (address + 15) & ~15;
}
