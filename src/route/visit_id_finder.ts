import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { canonicalOdd, canonicalString } from "../window/canonical_json.ts";
import { parseVisitId } from "../window/visit_parser.ts";
import { walkPlainString } from "./plain_string.ts";
import { mayNameVisitId } from "./visit_id_mention.ts";

/** Little-endian words of `{"visit_id":`. */
const OPENING_HEAD = Buffer.from('{"visit_').readDoubleLE();
const OPENING_TAIL = 0x3a226469;
const OPENING_LENGTH = 12;

/**
 * Finds the top-level `visit_id` in the bytes of a record, the one that
 * `parseVisit` reads. In a record that is no visit it may find anything.
 */
export class VisitIdFinder {
  /** Where the canonical bytes of the last `visit_id` found lie. */
  keyBytes: Buffer = Buffer.alloc(0);
  keyStart = 0;
  keyLength = 0;
  #frame: Buffer = this.keyBytes;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Made when it is needed first: it is not where there is one shard. */
  #kernel: WindowKernel | null = null;

  /**
   * True when the record at `[start, start + length)` has a `visit_id` that is
   * a string and not empty; the key fields then say where it is, until the
   * next call.
   */
  find(bytes: Buffer, start: number, length: number): boolean {
    if (bytes !== this.#frame) {
      this.#frame = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const end = start + length;
    return (
      this.#findFirst(start, end) ||
      this.#scan(start, end) ||
      this.#parse(start, end)
    );
  }

  /** Finds a `visit_id` that is the first member and surely the only one. */
  #findFirst(start: number, end: number): boolean {
    const view = this.#view;
    if (end - start < OPENING_LENGTH + 4) return false;
    if (view.getFloat64(start, true) !== OPENING_HEAD) return false;
    if (view.getInt32(start + 8, true) !== OPENING_TAIL) return false;
    let from = start + OPENING_LENGTH;
    if (view.getUint8(from) === 0x20) from++;
    if (view.getUint8(from) !== 0x22) return false;
    const keyEnd = walkPlainString(view, from + 1, end);
    if (keyEnd < 0 || mayNameVisitId(view, keyEnd, end)) return false;
    return this.#found(this.#frame, from + 1, keyEnd - from - 2);
  }

  /** Finds the `visit_id` of what is surely a visit. */
  #scan(start: number, end: number): boolean {
    this.#kernel ??= new WindowKernel();
    const kernel = this.#kernel;
    if (!kernel.scanAlone(this.#frame, start, end)) return false;
    const keyStart = start + kernel.columns.keyStart[0]!;
    const keyLength = kernel.columns.keyLength[0]!;
    if (keyLength >= 0) return this.#found(this.#frame, keyStart, keyLength);
    return this.#rewritten(canonicalOdd(this.#frame, keyStart, keyLength));
  }

  /** Leaves all others, strange or broken, to the judge of visits. */
  #parse(start: number, end: number): boolean {
    const visitId = parseVisitId(this.#frame.subarray(start, end));
    return visitId !== null && this.#rewritten(canonicalString(visitId));
  }

  #rewritten(canonical: string): boolean {
    return this.#found(Buffer.from(canonical, "latin1"), 0, canonical.length);
  }

  #found(bytes: Buffer, start: number, length: number): boolean {
    this.keyBytes = bytes;
    this.keyStart = start;
    this.keyLength = length;
    return length > 0;
  }
}
