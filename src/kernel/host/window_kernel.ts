import {
  CONSTANTS_BYTES_MAX,
  FIRED_NUMBERS,
  OPEN_NUMBERS,
  RECORDS_BYTES,
  ROWS_MAX,
  SLAB_BYTES,
  TOPIC_ID_BYTES,
} from "../codes.ts";
import { failureSentence } from "./failures.ts";
import type { KernelExports } from "./generated/kernel_exports.ts";
import { KERNEL_WASM } from "./generated/kernel_wasm.ts";
import { VisitColumns } from "./visit_columns.ts";
import { instantiate, type WasmInstance } from "./wasm.ts";

/** Free memory up to here, 16 MiB, is kept for the next need. */
const KEPT_SLABS = (16 * 1024 * 1024) / SLAB_BYTES;
/** So is more, up to so many times what is in use. */
const KEPT_TIMES = 4;

const NO_BYTES = Buffer.alloc(0);

/** Bytes that a view of a text spans at least. */
const TEXT_BYTES = 1024 * 1024;

/** What has an address in the kernel's memory. */
type PlaceName = {
  [Name in keyof KernelExports]: KernelExports[Name] extends {
    readonly value: number;
  }
    ? Name
    : never;
}[keyof KernelExports];

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
  /** What the kernel tells of the last firing, at the places of `FIRED_...`. */
  fired = new Float64Array(0);
  /** What it tells of an open session, at the places of `OPEN_...`. */
  open = new Float64Array(0);
  /**
   * The rows that it fills. The outcome of a record that it does not vouch for
   * is neither `VISIT` nor `ODD`.
   */
  readonly columns = new VisitColumns();
  readonly #wasm: string;
  #instance: WasmInstance<KernelExports>;
  /** A view of the memory from where texts mostly stand. */
  #text = NO_BYTES;
  #textAt = -1;
  #rules: [number, number, number] | null = null;

  /** `wasm` is another build of the kernel, in base64. */
  constructor({ wasm = KERNEL_WASM }: { readonly wasm?: string } = {}) {
    this.#wasm = wasm;
    this.#instance = instantiate(wasm, CONSTANTS_BYTES_MAX);
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

  /**
   * Sets the topic whose id all records of sessions carry from here on; "" for
   * none. Throws a `RangeError` for what is longer than any id.
   */
  setSourceTopic(id: string): void {
    const { calls } = this;
    if (id.length > TOPIC_ID_BYTES) {
      throw new RangeError(
        `Cannot set source topic: id "${id}" must have at most ${TOPIC_ID_BYTES} bytes`,
      );
    }
    this.bytes.write(id, calls.SOURCE_TOPIC_ID.value, "latin1");
    calls.setSourceTopic(id.length);
  }

  /** Renews the views of the memory if it has grown. */
  renew(): void {
    if (this.bytes.length === 0) this.#attach();
  }

  /** Copies the strings that were rewritten into the memory. */
  takeSpill(): void {
    const { spill, spillLength } = this.columns;
    if (spillLength === 0) return;
    const at = this.calls.spillRoom(spillLength) >>> 0;
    this.renew();
    spill.copy(this.bytes, at, 0, spillLength);
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
    const reason = failureSentence(this.calls.failure.value);
    return new Error(`Cannot go on with the windows: ${reason}`, {
      cause: error,
    });
  }

  /** Gives free memory back when it is much and most: true if it is gone. */
  giveBackIfMuch(): boolean {
    const { calls } = this;
    const kept = Math.max(KEPT_SLABS, KEPT_TIMES * calls.slabsUsed());
    if (calls.slabsSpare() <= kept) return false;
    this.giveBack();
    return true;
  }

  /**
   * Gives the memory that is free back to the system: what is in use moves to
   * another memory, to the same places. The old one goes when V8 collects it.
   */
  giveBack(): void {
    const old = this.bytes;
    const { calls } = this;
    const instance = instantiateIfRoom(this.#wasm, old.length);
    if (instance === null) return;
    calls.noteGivenBack();
    const end = calls.slabsEnd();
    const isUsed = Array.from({ length: end }, (_, i) => calls.isSlabUsed(i));
    this.#instance = instance;
    this.#attach();
    old.copy(this.bytes, 0, 0, calls.constantsEnd());
    for (const [slab, used] of isUsed.entries()) {
      const at = slab * SLAB_BYTES;
      if (used === 1) old.copy(this.bytes, at, at, at + SLAB_BYTES);
    }
    if (this.#rules !== null) this.calls.configure(...this.#rules);
  }

  #attach(): void {
    const { calls, memory } = this.#instance;
    const { buffer } = memory;
    // A record that is too large for the kernel stands elsewhere.
    const areRowsOfRecords = this.columns.bytes === this.records;
    this.bytes = Buffer.from(buffer);
    this.records = Buffer.from(buffer, calls.RECORDS.value, RECORDS_BYTES);
    const partitionsAt = calls.CLOCK_PARTITIONS.value;
    this.clockPartitions = new Int32Array(buffer, partitionsAt, ROWS_MAX);
    this.clocksMs = new Float64Array(buffer, calls.CLOCKS_MS.value, ROWS_MAX);
    this.fired = new Float64Array(buffer, calls.FIRED.value, FIRED_NUMBERS);
    this.open = new Float64Array(buffer, calls.OPEN.value, OPEN_NUMBERS);
    placeColumns(this.columns, calls, buffer);
    if (areRowsOfRecords) this.columns.bytes = this.records;
    this.#text = NO_BYTES;
    this.#textAt = -1;
  }
}

/** A kernel with so much memory; null where the system has no room for it. */
function instantiateIfRoom(
  wasm: string,
  byteLength: number,
): WasmInstance<KernelExports> | null {
  try {
    return instantiate<KernelExports>(wasm, byteLength);
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
  const rows = ROWS_MAX;
  const ints = (name: PlaceName) =>
    new Int32Array(buffer, calls[name].value, rows);
  const doubles = (name: PlaceName) =>
    new Float64Array(buffer, calls[name].value, rows);
  columns.capacity = rows;
  columns.outcome = new Uint8Array(buffer, calls.OUTCOMES.value, rows);
  columns.partition = ints("PARTITIONS");
  columns.offset = doubles("OFFSETS");
  columns.recordTimeMs = doubles("RECORD_TIMES_MS");
  columns.recordStart = ints("RECORD_STARTS");
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
