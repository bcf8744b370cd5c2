import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../src/clock.ts";
import type { Random } from "../../src/generate/random.ts";

/** What it is to happen in, when that is a process of its own. */
export interface Owner {
  /** Nothing happens in it any more. */
  readonly isDead: boolean;
  /** Nothing happens in it until then, ms. */
  readonly frozenUntilMs: number;
}

/** Something that happens at a moment of virtual time. */
interface Pending {
  readonly dueMs: number;
  readonly label: string;
  readonly happen: () => void;
  readonly owner: Owner | null;
}

/** Virtual time that a run may take, ms: then it stands still. */
const LIMIT_MS = 3_600_000;

/**
 * Virtual time. Whatever stands for a timer, for I/O or for another thread
 * comes true here, one at a time, in the order of its moment; of those at the
 * same moment the seed takes one. So a seed is a run, again and again.
 */
export class Scheduler implements Clock {
  readonly #random: Random;
  readonly #startMs: number;
  #pending: Pending[] = [];
  readonly #trace: string[] = [];
  #nowMs: number;

  constructor(random: Random, startMs: number) {
    this.#random = random;
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  every(intervalMs: number, work: () => void): () => void {
    let isOver = false;
    const arm = () =>
      this.at(this.#nowMs + intervalMs, "timer", () => {
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

  /** Lets something happen at a moment, if its owner lives. */
  at(
    dueMs: number,
    label: string,
    happen: () => void,
    owner: Owner | null = null,
  ): void {
    this.#pending.push({ dueMs, label, happen, owner });
  }

  /** Forgets what was to happen in those that are dead. */
  bury(): void {
    this.#pending = this.#pending.filter(({ owner }) => !owner?.isDead);
  }

  /** Resolves so many ms from now. */
  pause(label: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(this.#nowMs + ms, label, resolve);
    });
  }

  /** Adds what was seen to the trace. */
  note(text: string): void {
    this.#trace.push(`${this.#nowMs} ${text}`);
  }

  /** A hash of all that happened. */
  traceHash(): string {
    return createHash("sha256").update(this.#trace.join("\n")).digest("hex");
  }

  /** Lets time pass until the work is done. Throws when it stands still. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    for (;;) {
      // All promises that can go on by themselves have gone on after it.
      await nextTurn();
      if (isDone) return await work;
      const next = this.#take();
      if (next === null || momentOf(next) > this.#startMs + LIMIT_MS) {
        const labels = new Set(this.#pending.map(({ label }) => label));
        throw new Error(`The run stands still, waiting for ${[...labels]}`);
      }
      this.#nowMs = Math.max(this.#nowMs, momentOf(next));
      this.note(next.label);
      next.happen();
    }
  }

  #take(): Pending | null {
    let dueMs = Infinity;
    for (const each of this.#pending) dueMs = Math.min(dueMs, momentOf(each));
    const due = this.#pending.filter((each) => momentOf(each) === dueMs);
    if (due.length === 0) return null;
    const next = this.#random.pick(due);
    this.#pending.splice(this.#pending.indexOf(next), 1);
    return next;
  }
}

/** When it can happen: what is frozen catches up when it goes on. */
function momentOf({ dueMs, owner }: Pending): number {
  return owner === null ? dueMs : Math.max(dueMs, owner.frozenUntilMs);
}
