import { canonicalString } from "./canonical_json.ts";
import { SCAN_WASM } from "./generated/scan_wasm.ts";
import { VisitColumns } from "./visit_columns.ts";
import { instantiate, type WasmMemory } from "./wasm.ts";

/** What the kernel counts in; both are constants of it. */
type ConstantName = "RECORDS_BYTES" | "ROWS_MAX" | "VISIT" | "ODD";

/** What has an address in the kernel's memory. */
type PlaceName =
  | "RECORDS"
  | "PARTITIONS"
  | "OFFSETS"
  | "RECORD_TIMES_MS"
  | "RECORD_KEY_STARTS"
  | "RECORD_KEY_LENGTHS"
  | "VALUE_STARTS"
  | "VALUE_LENGTHS"
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

/** What src/window/kernel exports; its functions are documented there. */
interface KernelExports
  extends Readonly<Record<ConstantName | PlaceName, { value: number }>> {
  readonly memory: WasmMemory;
  configure(
    precisionMs: number,
    valueBytesMax: number,
    maxSkewMs: number,
  ): void;
  setNow(ms: number): void;
  setOrigin(
    partition: number,
    baseOffset: number,
    baseTimeMs: number,
    hasAppendTime: number,
  ): void;
  scan(row: number, rowsEnd: number, at: number, end: number): number;
  scannedTo(): number;
  scanAlone(length: number): number;
}

/**
 * The scanner of `src/window/kernel`, compiled to WebAssembly for its vectors
 * of sixteen bytes, and the memory that it works in. It reads visits out of
 * many records in one call, and decides nothing that it is not sure of.
 */
export class ScanKernel {
  /** What may be called of it. */
  readonly calls: KernelExports;
  /** Records for the next call. */
  readonly records: Buffer;
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

  constructor() {
    const kernel = instantiate<KernelExports>(SCAN_WASM);
    this.calls = kernel;
    this.visit = kernel.VISIT.value;
    this.odd = kernel.ODD.value;
    this.records = Buffer.from(
      kernel.memory.buffer,
      kernel.RECORDS.value,
      kernel.RECORDS_BYTES.value,
    );
    placeColumns(this.columns, kernel);
    this.columns.bytes = this.records;
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
}

/**
 * The canonical form of a string that the kernel calls odd, from the place and
 * the length that it gives.
 */
export function canonicalOdd(
  bytes: Buffer,
  start: number,
  length: number,
): string {
  const json = bytes.toString("utf8", start - 1, start - 1 - length);
  return canonicalString(JSON.parse(json) as string);
}

function placeColumns(columns: VisitColumns, kernel: KernelExports): void {
  const { buffer } = kernel.memory;
  const rows = kernel.ROWS_MAX.value;
  const ints = (name: PlaceName) =>
    new Int32Array(buffer, kernel[name].value, rows);
  const doubles = (name: PlaceName) =>
    new Float64Array(buffer, kernel[name].value, rows);
  columns.capacity = rows;
  columns.outcome = new Uint8Array(buffer, kernel.OUTCOMES.value, rows);
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
