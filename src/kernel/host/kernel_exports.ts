/** What the kernel counts in, and what it answers; all are constants of it. */
type ConstantName =
  | "RECORDS_BYTES"
  | "ROWS_MAX"
  | "VISIT"
  | "ODD"
  | "SLAB_BYTES"
  | "CONTEXT_BYTES"
  | "FIRED_NUMBERS"
  | "DONE"
  | "LATE"
  | "FIRED_ONE"
  | "BUSY"
  | "FULL";

/** What has an address in the kernel's memory. */
export type PlaceName =
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
  | "USER_LENGTHS"
  | "CLOCK_PARTITIONS"
  | "CLOCKS_MS"
  | "FIRED"
  | "CONTEXT";

/** What src/kernel/exports.ts lists; each is documented at its place. */
export interface KernelExports
  extends Readonly<
    Record<ConstantName | PlaceName | "failure", { value: number }>
  > {
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
  nextOther(row: number, end: number): number;
  findForeign(count: number, shard: number, shardCount: number): number;
  gatherClocks(count: number): number;

  createAreas(shardCount: number): void;
  scatter(at: number, end: number, count: number, isByKey: number): number;
  scatteredTo(): number;
  areaOf(shard: number): number;
  areaLength(shard: number): number;
  areaCount(shard: number): number;

  createStore(gapMs: number, latenessMs: number): void;
  spillRoom(byteLength: number): number;
  setContext(byteLength: number): void;
  applyVisits(from: number, end: number): number;
  rowAfter(): number;
  beginStep(watermarkMs: number): void;
  advance(): number;
  dropMarks(partitions: number): number;
  dropMarked(): void;
  restart(watermarkMs: number): void;
  openSessions(): number;
  openVisits(): number;
  unfiredVisits(): number;

  createBatches(partitions: number, batchBytesMax: number): void;
  limitBatches(byteLength: number): void;
  appendFired(): number;
  appendedSessions(): number;
  appendedVisits(): number;
  clearAppended(): void;
  batchedBytes(): number;
  takeBatches(): void;
  batchesOf(partition: number): number;
  batchesLength(partition: number): number;

  constantsEnd(): number;
  slabsEnd(): number;
  slabsUsed(): number;
  slabsSpare(): number;
  isSlabUsed(slab: number): number;
  noteGivenBack(): void;
}
