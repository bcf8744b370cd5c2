/** Wall time in ms since the epoch, with a fraction, comparable over threads. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
