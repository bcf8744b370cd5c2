import type { Clock } from "../../src/clock.ts";
import type { Owner, Scheduler } from "./scheduler.ts";

/**
 * A process of the simulation, and the clock of all that runs in it: when it is
 * killed nothing happens in it any more, and while it is frozen nothing does.
 */
export class SimulatedProcess implements Clock, Owner {
  readonly name: string;
  isDead = false;
  frozenUntilMs = -Infinity;
  readonly #scheduler: Scheduler;

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.#scheduler = scheduler;
  }

  nowMs(): number {
    return this.#scheduler.nowMs();
  }

  every(intervalMs: number, work: () => void): () => void {
    let isOver = false;
    const arm = () =>
      this.at(this.nowMs() + intervalMs, "timer", () => {
        if (isOver) return;
        work();
        arm();
      });
    arm();
    return () => {
      isOver = true;
    };
  }

  turn(): Promise<void> {
    return this.pause("turn", 0);
  }

  /** Lets something happen in this process. */
  at(dueMs: number, label: string, happen: () => void): void {
    if (this.isDead) return;
    this.#scheduler.at(dueMs, `${this.name}: ${label}`, happen, this);
  }

  /** Resolves so many ms from now, if the process lives. */
  pause(label: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.nowMs() + ms, label, resolve);
    });
  }

  /** Adds what was seen to the trace. */
  note(text: string): void {
    this.#scheduler.note(`${this.name}: ${text}`);
  }

  /** Ends it as `kill -9` does: what it has asked for may still be done. */
  kill(): void {
    this.note("killed");
    this.isDead = true;
    this.#scheduler.bury();
  }

  /** Stops it for so long, as SIGSTOP and SIGCONT do. */
  freeze(ms: number): void {
    this.note("frozen");
    this.frozenUntilMs = this.nowMs() + ms;
  }
}
