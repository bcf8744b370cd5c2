/** How often the visits of one run are made, and the pauses between runs. */
export interface Schedule {
  /** Number of runs, null for no end. */
  readonly runs: number | null;
  /** Each pause takes a random number of whole seconds from this range. */
  readonly pauseSeconds: { readonly from: number; readonly to: number } | null;
}

/** One run. */
export const ONE_SHOT: Schedule = { runs: 1, pauseSeconds: null };
