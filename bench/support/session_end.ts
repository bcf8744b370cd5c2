const GAP_MS = 10 * 60_000;

/** When the window of a session ends; generated times have one offset. */
export function endMsOf(session: string): number {
  const { end_time } = JSON.parse(session) as { end_time: string };
  return Date.parse(end_time) + GAP_MS;
}
