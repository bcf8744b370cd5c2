import { setTimeout as sleep } from "node:timers/promises";

/** Resolves when `condition` holds; throws after `timeoutMs` without it. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  { timeoutMs = 20_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) {
      throw new Error(
        `Cannot go on: not so after ${timeoutMs} ms: ${condition}`,
      );
    }
    await sleep(10);
  }
}
