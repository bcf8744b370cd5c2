import { KERNEL_WASM } from "./generated/kernel_wasm.ts";
import type { KernelExports, PlaceName } from "./kernel_exports.ts";
import { VisitColumns } from "./visit_columns.ts";
import { instantiate, type WasmInstance } from "./wasm.ts";

/** More than the constants and tables of the kernel. */
const INITIAL_BYTES = 1024 * 1024;

const NO_BYTES = Buffer.alloc(0);

/** Bytes that a view of a text spans at least. */
const TEXT_BYTES = 1024 * 1024;

/** By `failure` of the kernel. */
const FAILURES = [
  "it has reached a place that none can reach",
  "a shard has no more memory for windows; it can hold 4 GiB, and what the system gives: use more --workers, or a shorter --gap or --allowed-lateness",
  "a block of memory was freed twice",
  "a session is not in the table of its key",
  "more visits fired than came in",
  "more sessions are gone than were opened",
  "a deadline is behind the wheel",
  "the lengths of sorted pages do not add up",
];

/**
 * The inner loops of a shard, of `src/kernel`, compiled to WebAssembly,
 * and the memory that they work in: the records that are being read, the rows
 * that they become, the open windows, and the text of the session that fires.
 *
 * Any call may make the memory grow. Then `renew` must follow: the views of it
 * that are here are other ones from there on.
 */
export class WindowKernel {
  /** Records for the next call. */
  records = NO_BYTES;
  /** All of the memory. */
  bytes = NO_BYTES;
  /** What `gatherClocks` lists. */
  clockPartitions = new Int32Array(0);
  clocksMs = new Float64Array(0);
  /** What the kernel tells of the last firing. */
  fired = new Float64Array(0);
  /**
   * The rows that it fills. The outcome of a record that it does not vouch for
   * is neither `visit` nor `odd`.
   */
  readonly columns = new VisitColumns();
  /** Outcome: the row is filled. */
  readonly visit: number;
  /**
   * Outcome: filled, but a string with a length below -1 is not in canonical
   * form, and its length is minus that with the quotes; its key has no hash.
   */
  readonly odd: number;
  #instance: WasmInstance<KernelExports>;
  /** A view of the memory from where texts mostly stand. */
  #text = NO_BYTES;
  #textAt = -1;
  #rules: [number, number, number] | null = null;

  constructor() {
    this.#instance = instantiate(KERNEL_WASM, INITIAL_BYTES);
    this.visit = this.calls.VISIT.value;
    this.odd = this.calls.ODD.value;
    this.columns.bytes = this.records;
    this.#attach();
  }

  /** What may be called of it; another object after `giveBack`. */
  get calls(): KernelExports {
    return this.#instance.calls;
  }

  /** Sets what decides whether a record is a visit: see scan.ts. */
  configure(
    precisionMs: number,
    valueBytesMax: number,
    maxSkewMs: number,
  ): void {
    this.#rules = [precisionMs, valueBytesMax, maxSkewMs];
    this.calls.configure(...this.#rules);
  }

  /** Renews the views of the memory if it has grown. */
  renew(): void {
    if (this.bytes.length === 0) this.#attach();
  }

  /** A view of the memory that begins with a text of so many bytes. */
  textFrom(at: number, byteLength: number): Buffer {
    if (at !== this.#textAt || byteLength > this.#text.length) {
      const end = at + Math.max(byteLength, TEXT_BYTES);
      this.#text = this.bytes.subarray(at, end);
      this.#textAt = at;
    }
    return this.#text;
  }

  /** The error that says why a call has failed. */
  explain(error: unknown): Error {
    const reason = FAILURES[this.calls.failure.value];
    return new Error(`Cannot go on with the windows: ${reason}`, {
      cause: error,
    });
  }

  /**
   * Gives the memory that is free back to the system: what is in use moves to
   * another memory, to the same places. The old one goes when V8 collects it.
   */
  giveBack(): void {
    const old = this.bytes;
    const { calls } = this;
    const instance = instantiateIfRoom(old.length);
    if (instance === null) return;
    calls.noteGivenBack();
    const end = calls.slabsEnd();
    const isUsed = Array.from({ length: end }, (_, i) => calls.isSlabUsed(i));
    const slabBytes = calls.SLAB_BYTES.value;
    this.#instance = instance;
    this.#attach();
    old.copy(this.bytes, 0, 0, calls.constantsEnd());
    for (const [slab, used] of isUsed.entries()) {
      const at = slab * slabBytes;
      if (used === 1) old.copy(this.bytes, at, at, at + slabBytes);
    }
    if (this.#rules !== null) this.calls.configure(...this.#rules);
  }

  /**
   * Scans the value at `[start, end)` of a buffer alone into the first row, as
   * if it had come without a time. False when it is undecided, or too large.
   */
  scanAlone(bytes: Buffer, start: number, end: number): boolean {
    if (end - start > this.records.length) return false;
    bytes.copy(this.records, 0, start, end);
    const outcome = this.calls.scanAlone(end - start);
    return outcome === this.visit || outcome === this.odd;
  }

  #attach(): void {
    const { calls, memory } = this.#instance;
    const { buffer } = memory;
    // A record that is too large for the kernel stands elsewhere.
    const areRowsOfRecords = this.columns.bytes === this.records;
    this.bytes = Buffer.from(buffer);
    this.records = Buffer.from(
      buffer,
      calls.RECORDS.value,
      calls.RECORDS_BYTES.value,
    );
    const rows = calls.ROWS_MAX.value;
    const partitionsAt = calls.CLOCK_PARTITIONS.value;
    this.clockPartitions = new Int32Array(buffer, partitionsAt, rows);
    this.clocksMs = new Float64Array(buffer, calls.CLOCKS_MS.value, rows);
    const numbers = calls.FIRED_NUMBERS.value;
    this.fired = new Float64Array(buffer, calls.FIRED.value, numbers);
    placeColumns(this.columns, calls, buffer);
    if (areRowsOfRecords) this.columns.bytes = this.records;
    this.#text = NO_BYTES;
    this.#textAt = -1;
  }
}

/** A kernel with so much memory; null where the system has no room for it. */
function instantiateIfRoom(
  byteLength: number,
): WasmInstance<KernelExports> | null {
  try {
    return instantiate<KernelExports>(KERNEL_WASM, byteLength);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function placeColumns(
  columns: VisitColumns,
  calls: KernelExports,
  buffer: ArrayBuffer,
): void {
  const rows = calls.ROWS_MAX.value;
  const ints = (name: PlaceName) =>
    new Int32Array(buffer, calls[name].value, rows);
  const doubles = (name: PlaceName) =>
    new Float64Array(buffer, calls[name].value, rows);
  columns.capacity = rows;
  columns.outcome = new Uint8Array(buffer, calls.OUTCOMES.value, rows);
  columns.partition = ints("PARTITIONS");
  columns.offset = doubles("OFFSETS");
  columns.recordTimeMs = doubles("RECORD_TIMES_MS");
  columns.recordKeyStart = ints("RECORD_KEY_STARTS");
  columns.recordKeyLength = ints("RECORD_KEY_LENGTHS");
  columns.valueStart = ints("VALUE_STARTS");
  columns.valueLength = ints("VALUE_LENGTHS");
  columns.timestampMs = doubles("TIMESTAMPS_MS");
  columns.keyHash = ints("KEY_HASHES");
  columns.keyStart = ints("KEY_STARTS");
  columns.keyLength = ints("KEY_LENGTHS");
  columns.timeStart = ints("TIME_STARTS");
  columns.timeLength = ints("TIME_LENGTHS");
  columns.pageStart = ints("PAGE_STARTS");
  columns.pageLength = ints("PAGE_LENGTHS");
  columns.userStart = ints("USER_STARTS");
  columns.userLength = ints("USER_LENGTHS");
}
