import { SCAN_WASM } from "./generated/scan_wasm.ts";

/** The part of the WebAssembly interface that is needed here. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: unknown;
  }
}

/** Where in the kernel's memory something is, or a constant of it. */
interface KernelNumber {
  readonly value: number;
}

/** What src/window/kernel/scan.ts and layout.ts export. */
interface KernelExports extends Readonly<Record<ColumnName, KernelNumber>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly RECORDS_BYTES: KernelNumber;
  readonly ROWS_MAX: KernelNumber;
  readonly RECORDS: KernelNumber;
  readonly VISIT: KernelNumber;
  readonly ODD: KernelNumber;
  readonly UNDECIDED: KernelNumber;
  scan(count: number, from: number, precisionMs: number): void;
}

/** The columns of the rows, in and out. */
type ColumnName =
  | "RECORD_STARTS"
  | "RECORD_ENDS"
  | "LATEST_MS"
  | "OUTCOMES"
  | "TIMESTAMPS_MS"
  | "KEY_HASHES"
  | "KEY_STARTS"
  | "KEY_LENGTHS"
  | "TIME_STARTS"
  | "TIME_LENGTHS"
  | "PAGE_STARTS"
  | "PAGE_LENGTHS"
  | "USER_STARTS"
  | "USER_LENGTHS";

/** Compiled once in a thread. */
let compiled: WebAssembly.Module | undefined;

/**
 * Reads visits out of JSON, many records in one call: the scanner of
 * `src/window/kernel`, compiled to WebAssembly for its vectors of sixteen
 * bytes, and the memory that it works in. It decides nothing that it is not
 * sure of.
 */
export class ScanKernel {
  /** Bytes of records, and number of records, that one call can take. */
  readonly recordsBytes: number;
  readonly rowsMax: number;
  /** Outcome: the row is filled. */
  readonly visit: number;
  /**
   * Outcome: filled, but a string with a length below -1 is not in canonical
   * form, and its length is minus that with the quotes; its key has no hash.
   */
  readonly odd: number;
  /** Outcome: no row, another must say what the record is. */
  readonly undecided: number;

  /** The bytes of the records, keys in between. */
  readonly records: Uint8Array;
  /** In: the places of the records among the bytes; empty ones are skipped. */
  readonly recordStart: Int32Array;
  readonly recordEnd: Int32Array;
  /** In: the latest event time that each may have, ms since the epoch. */
  readonly latestMs: Float64Array;
  readonly outcome: Uint8Array;
  /** Out: as in `VisitColumns`. */
  readonly timestampMs: Float64Array;
  readonly keyHash: Int32Array;
  readonly keyStart: Int32Array;
  readonly keyLength: Int32Array;
  readonly timeStart: Int32Array;
  readonly timeLength: Int32Array;
  readonly pageStart: Int32Array;
  readonly pageLength: Int32Array;
  readonly userStart: Int32Array;
  readonly userLength: Int32Array;
  readonly #exports: KernelExports;

  constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(SCAN_WASM, "base64"));
    const kernel = new WebAssembly.Instance(compiled).exports as KernelExports;
    const { buffer } = kernel.memory;
    this.#exports = kernel;
    this.recordsBytes = kernel.RECORDS_BYTES.value;
    this.rowsMax = kernel.ROWS_MAX.value;
    this.visit = kernel.VISIT.value;
    this.odd = kernel.ODD.value;
    this.undecided = kernel.UNDECIDED.value;
    this.records = new Uint8Array(
      buffer,
      kernel.RECORDS.value,
      this.recordsBytes,
    );
    const ints = (name: ColumnName) =>
      new Int32Array(buffer, kernel[name].value, this.rowsMax);
    const doubles = (name: ColumnName) =>
      new Float64Array(buffer, kernel[name].value, this.rowsMax);
    this.recordStart = ints("RECORD_STARTS");
    this.recordEnd = ints("RECORD_ENDS");
    this.latestMs = doubles("LATEST_MS");
    this.outcome = new Uint8Array(buffer, kernel.OUTCOMES.value, this.rowsMax);
    this.timestampMs = doubles("TIMESTAMPS_MS");
    this.keyHash = ints("KEY_HASHES");
    this.keyStart = ints("KEY_STARTS");
    this.keyLength = ints("KEY_LENGTHS");
    this.timeStart = ints("TIME_STARTS");
    this.timeLength = ints("TIME_LENGTHS");
    this.pageStart = ints("PAGE_STARTS");
    this.pageLength = ints("PAGE_LENGTHS");
    this.userStart = ints("USER_STARTS");
    this.userLength = ints("USER_LENGTHS");
  }

  /**
   * Scans the first `count` records. Positions come out as places in a buffer
   * in which the kernel's bytes start at `from`; event times are cut down to
   * whole multiples of `precisionMs`.
   */
  scan(count: number, from: number, precisionMs: number): void {
    this.#exports.scan(count, from, precisionMs);
  }

  /**
   * Scans the one record at `[start, end)` of a buffer into the first row.
   * False when it is undecided, or too large.
   */
  scanOne(bytes: Buffer, start: number, end: number): boolean {
    if (end - start > this.recordsBytes) return false;
    this.records.set(bytes.subarray(start, end));
    this.recordStart[0] = 0;
    this.recordEnd[0] = end - start;
    this.latestMs[0] = Number.POSITIVE_INFINITY;
    this.scan(1, start, 1);
    return this.outcome[0] !== this.undecided;
  }
}
