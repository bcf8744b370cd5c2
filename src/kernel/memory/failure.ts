/** What the kernel gave up for; `WindowKernel` has a sentence for each. */
export const NO_MEMORY: i32 = 1;
export const TOO_MANY_FREED: i32 = 2;
export const KEY_NOT_IN_TABLE: i32 = 3;
export const MORE_FIRED: i32 = 4;
export const MORE_FORGOTTEN: i32 = 5;
export const BEHIND_WHEEL: i32 = 6;
export const PAGES_DO_NOT_ADD_UP: i32 = 7;

/** The last of those reasons. */
export let failure: i32 = 0;

/** Gives up: the call into the kernel ends with a trap. */
export function fail(reason: i32): void {
  failure = reason;
  unreachable();
}
