import type { Plan } from "./plan.ts";

/** What becomes of the owned partitions at a moment of the plan. */
export type PlannedChange =
  | { readonly kind: "flush" | "anew" }
  | { readonly kind: "assigned"; readonly partitions: readonly number[] };

/** Who owns what when, and when the topic is another one. */
export class PlannedAssignments {
  /**
   * All that was read is put out: until the next assignment no watermark is too
   * high.
   */
  isFlushed = false;
  readonly #plan: Plan;
  #next = 0;
  #isAnew = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** True when none is to come. */
  get areOver(): boolean {
    return this.#next >= this.#plan.assignments.length;
  }

  /** What is due now, each once; null for nothing. */
  due(nowMs: number): PlannedChange | null {
    if (this.isFlushed) {
      this.isFlushed = false;
      return { kind: "anew" };
    }
    if (!this.#isAnew && (this.#plan.anewAtMs ?? Infinity) <= nowMs) {
      this.#isAnew = true;
      this.isFlushed = true;
      return { kind: "flush" };
    }
    const next = this.#plan.assignments[this.#next];
    if (next === undefined || next.atMs > nowMs) return null;
    this.#next++;
    return { kind: "assigned", partitions: next.partitions };
  }
}
