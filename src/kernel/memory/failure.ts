/** Why the kernel gave up, one of the `FAIL_…` of `codes.ts`. */
export let failure: i32 = 0;

/** Gives up: the call into the kernel ends with a trap. */
export function fail(reason: i32): void {
  failure = reason;
  unreachable();
}
