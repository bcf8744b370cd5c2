import assert from "node:assert/strict";
import { test } from "node:test";

/** A fault that is put into the product, for the simulation to show. */
export interface Mutation {
  readonly name: string;
  /** Puts it in; what it returns takes it out again. */
  apply(): () => void;
}

/** Tests of each mutation that one of so many seeds fails with it. */
export function testMutations<Each extends Mutation>(
  mutations: readonly Each[],
  options: {
    readonly seeds: number;
    readonly runSeed: (seed: number, mutation: Each) => Promise<unknown>;
  },
): void {
  const { seeds, runSeed } = options;
  for (const mutation of mutations) {
    test(`simulation: some seed shows it when ${mutation.name}`, async () => {
      const restore = mutation.apply();
      try {
        let shown = 0;
        for (let seed = 1; seed <= seeds && shown === 0; seed++) {
          await runSeed(seed, mutation).catch(() => shown++);
        }
        assert.ok(shown > 0, "no seed shows it");
      } finally {
        restore();
      }
    });
  }
}
