/** Not owned by this process: plays no part in the watermark. */
export const ABSENT = 0;
/** Owned, and counted in the minimum. */
export const ACTIVE = 1;
/** Caught up and silent for the idle timeout: left out until it is heard. */
export const IDLE = 2;
/** A bounded input that was read to its end: left out for good. */
export const FINISHED = 3;

/** One of `ABSENT`, `ACTIVE`, `IDLE`, `FINISHED`. */
export type PartitionState = 0 | 1 | 2 | 3;
