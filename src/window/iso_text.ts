const MAX_TEXT = "9999-12-31T23:59:59.999999+00:00";
/** The last ms that a calendar of four-digit years can name. */
const MAX_TEXT_MS = 253402300799999;
/** The first ms of year 1: an earlier watermark has no text. */
export const MIN_TEXT_MS = -62135596800000;

/**
 * A watermark as Python's `datetime.isoformat` writes it in UTC: six fraction
 * digits, or none on a whole second. Above year 9999 (so for +Infinity too) it
 * is the last microsecond of that year. Throws a `RangeError` before year 1,
 * where no session can have ended.
 */
export function isoWatermark(watermarkMs: number): string {
  if (watermarkMs > MAX_TEXT_MS) return MAX_TEXT;
  if (!(watermarkMs >= MIN_TEXT_MS)) {
    throw new RangeError(
      `Cannot write watermark: ${watermarkMs} ms is before year 1`,
    );
  }
  const iso = new Date(watermarkMs).toISOString();
  const fraction = iso.endsWith(".000Z") ? "" : `${iso.slice(19, 23)}000`;
  return `${iso.slice(0, 19)}${fraction}+00:00`;
}

/** `datetime.now()` as Python's isoformat writes it: UTC, six digits. */
export function generationTimeText(epochMs: number): string {
  const wholeMs = Math.floor(epochMs);
  const micros = Math.floor((epochMs - wholeMs) * 1000);
  const text = new Date(wholeMs).toISOString();
  return `${text.slice(0, 23)}${String(micros).padStart(3, "0")}`;
}
