/** `datetime.now()` as Python's isoformat writes it: UTC, six digits. */
export function generationTimeText(epochMs: number): string {
  const wholeMs = Math.floor(epochMs);
  const micros = Math.floor((epochMs - wholeMs) * 1000);
  const text = new Date(wholeMs).toISOString();
  return `${text.slice(0, 23)}${String(micros).padStart(3, "0")}`;
}
