import { ABSENT, ACTIVE, FINISHED } from "./partition_state.ts";

/**
 * The highest event time seen from each partition, and which partitions count.
 * A shard holds one, fed by its visits and by what main tells it; main holds
 * one, fed by the shards' reports.
 */
export class PartitionClocks {
  clocksMs: Float64Array = new Float64Array(0);
  states: Uint8Array = new Uint8Array(0);

  /** Makes room for partitions below `count`; new ones are `ABSENT`. */
  grow(count: number): void {
    const before = this.clocksMs.length;
    if (count <= before) return;
    const clocksMs = new Float64Array(count).fill(-Infinity, before);
    clocksMs.set(this.clocksMs);
    const states = new Uint8Array(count);
    states.set(this.states);
    this.clocksMs = clocksMs;
    this.states = states;
  }

  /** Moves the clock of a partition up to an event time; true if it moved. */
  observe(partition: number, eventTimeMs: number): boolean {
    this.grow(partition + 1);
    if (eventTimeMs <= this.clocksMs[partition]!) return false;
    this.clocksMs[partition] = eventTimeMs;
    return true;
  }

  /** Takes over every clock that is ahead of ours; true if one was. */
  merge(clocksMs: Float64Array): boolean {
    this.grow(clocksMs.length);
    let moved = false;
    for (let p = 0; p < clocksMs.length; p++) {
      if (clocksMs[p]! <= this.clocksMs[p]!) continue;
      this.clocksMs[p] = clocksMs[p]!;
      moved = true;
    }
    return moved;
  }

  /** Sets the state of a partition; true if it changed. */
  setState(partition: number, state: number): boolean {
    this.grow(partition + 1);
    if (this.states[partition] === state) return false;
    this.states[partition] = state;
    return true;
  }

  /** Takes over the states of all partitions. */
  setStates(states: Uint8Array): void {
    this.grow(states.length);
    this.states.set(states);
  }

  /** Forgets the clock of a partition: it is read from the start again. */
  restart(partition: number): void {
    this.grow(partition + 1);
    this.clocksMs[partition] = -Infinity;
  }

  /**
   * Minimum over the active partitions of clock - bound - 1 ms: -Infinity while
   * one of them has not been heard, +Infinity when all are finished. When none
   * is active but one is idle the watermark stays: then `null`.
   */
  watermarkMs(outOfOrdernessMs: number): number | null {
    let minMs = Infinity;
    let finished = 0;
    let owned = 0;
    let active = 0;
    for (let p = 0; p < this.states.length; p++) {
      const state = this.states[p]!;
      if (state === ABSENT) continue;
      owned++;
      if (state === FINISHED) finished++;
      if (state !== ACTIVE) continue;
      active++;
      if (this.clocksMs[p]! < minMs) minMs = this.clocksMs[p]!;
    }
    if (active > 0) return minMs - outOfOrdernessMs - 1;
    return owned > 0 && finished === owned ? Infinity : null;
  }
}
