import { ODD } from "../kernel/codes.ts";
import type { RawRecords, VisitColumns } from "../kernel/host/visit_columns.ts";
import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { canonicalOdd } from "./canonical_json.ts";
import { readLargeRecord } from "./large_record.ts";
import { VISIT } from "./rejection.ts";
import { RunCursor } from "./run_cursor.ts";
import { VisitJudge, type VisitRules } from "./visit_judge.ts";

/**
 * Reads the visits of a task out of its records, as many at a time as fit into
 * the kernel's memory, where they stay until they are applied: what is looked
 * at twice is still in the processor's caches. A record that the kernel does
 * not vouch for goes to `parseVisit`, which alone rejects.
 */
export class VisitScanner {
  readonly #kernel: WindowKernel;
  readonly #judge: VisitJudge;
  readonly #runs = new RunCursor();
  /** Rows of the last call of `next` that are rejected. */
  readonly rejected: number[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  /** Where in the task the kernel's bytes begin and end. */
  #from = 0;
  #end = 0;
  #nowMs = 0;

  /** Without a kernel, it gets one for itself alone. */
  constructor(rules: VisitRules, kernel = new WindowKernel()) {
    this.#kernel = kernel;
    const { timePrecision, maxRecordBytes, maxSkewMs } = rules;
    const precisionMs = timePrecision === "s" ? 1000 : 1;
    const skewMs = maxSkewMs ?? Number.POSITIVE_INFINITY;
    this.#judge = new VisitJudge(this.visits, rules);
    kernel.configure(precisionMs, maxRecordBytes, skewMs);
  }

  /** The visits of the last call of `next`, one row a record. */
  get visits(): VisitColumns {
    return this.#kernel.columns;
  }

  /**
   * Starts with the records of a task. `nowMs`, in ms since the epoch, stands
   * in for the timestamp that a record has not.
   */
  open(raw: RawRecords, nowMs: number): void {
    this.#bytes = raw.bytes;
    this.#nowMs = nowMs;
    this.#kernel.calls.setNow(nowMs);
    this.#runs.open(raw);
    this.visits.reset(this.#kernel.records, 0);
  }

  /**
   * Reads the next visits; false when there are none. Throws an `Error` for a
   * record that is no Kafka record.
   */
  next(): boolean {
    const runs = this.#runs;
    if (runs.isDone) return false;
    this.#load();
    const { visits } = this;
    this.rejected.length = 0;
    const count = this.#scanRows();
    if (count === 0) {
      readLargeRecord(this.#bytes, runs, visits);
      visits.bytes = this.#bytes;
      this.#judgeRow(0);
    } else this.#finish(count);
    visits.count = Math.max(1, count);
    return true;
  }

  /** The first row with a visit that another of the shards owns, or -1. */
  findForeign(shard: number, shardCount: number): number {
    const { count } = this.visits;
    return this.#kernel.calls.findForeign(count, shard, shardCount);
  }

  /** Tells the latest event time of each partition, some more than once. */
  tellClocks(observe: (partition: number, ms: number) => void): void {
    const { calls, clockPartitions, clocksMs } = this.#kernel;
    const stretches = calls.gatherClocks(this.visits.count);
    for (let i = 0; i < stretches; i++) {
      observe(clockPartitions[i]!, clocksMs[i]!);
    }
  }

  /** Puts the next bytes of the task into the kernel's memory. */
  #load(): void {
    const { records } = this.#kernel;
    this.#from = this.#runs.at;
    this.#end = Math.min(this.#bytes.length, this.#from + records.length);
    this.#bytes.copy(records, 0, this.#from, this.#end);
    this.visits.reset(records, 0);
  }

  /** Scans the records that are all there; returns how many. */
  #scanRows(): number {
    const { calls } = this.#kernel;
    const { capacity } = this.visits;
    const runs = this.#runs;
    const from = this.#from;
    let count = 0;
    for (
      let isRunDone = true;
      isRunDone && !runs.isDone && count < capacity;
    ) {
      const rowsEnd = Math.min(count + runs.recordsLeft, capacity);
      const end = Math.min(runs.end, this.#end) - from;
      const { partition, baseOffset, baseTimeMs, hasAppendTime } = runs;
      calls.setOrigin(partition, baseOffset, baseTimeMs, hasAppendTime);
      const rows = calls.scan(count, rowsEnd, runs.at - from, end);
      if (rows < 0) throw runs.corrupt();
      count += rows;
      isRunDone = runs.advance(rows, from + calls.scannedTo());
    }
    return count;
  }

  /** Does what the kernel has left over. */
  #finish(count: number): void {
    const { calls } = this.#kernel;
    const { outcome } = this.visits;
    let row = calls.nextOther(0, count);
    while (row < count) {
      if (outcome[row] === ODD) this.#mend(row);
      else this.#judgeRow(row);
      row = calls.nextOther(row + 1, count);
    }
  }

  #judgeRow(row: number): void {
    const outcome = this.#judge.judge(row, this.#nowMs);
    this.visits.outcome[row] = outcome;
    if (outcome !== VISIT) this.rejected.push(row);
  }

  /** Rewrites the strings of a row that are not in canonical form. */
  #mend(row: number): void {
    const { visits } = this;
    const { keyStart, keyLength } = visits;
    this.#mendString(visits.pageStart, visits.pageLength, row);
    this.#mendString(visits.userStart, visits.userLength, row);
    if (this.#mendString(keyStart, keyLength, row)) visits.hashKey(row);
    visits.outcome[row] = VISIT;
  }

  /** Rewrites a string if it has to be; returns whether it had. */
  #mendString(starts: Int32Array, lengths: Int32Array, row: number): boolean {
    if (lengths[row]! >= -1) return false;
    const { visits } = this;
    const canonical = canonicalOdd(visits.bytes, starts[row]!, lengths[row]!);
    starts[row] = visits.pushSpill(canonical);
    lengths[row] = canonical.length;
    return true;
  }
}
