/** A whole number with commas between thousands. */
export function countText(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** How many there are of what is called so: `1 record`, `1,204 records`. */
export function thingsText(count: number, one: string): string {
  return `${countText(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** Milliseconds with three digits and the unit that suits them. */
export function latencyText(ms: number): string {
  if (ms >= 999_500) return `${countText(ms / 1000)} s`;
  if (ms >= 10_000) return `${(ms / 1000).toPrecision(3)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 1 || ms === 0) return `${Number(ms.toPrecision(3))} ms`;
  return `${Number((ms * 1000).toPrecision(3))} µs`;
}

/** Bytes with up to three digits and the unit that suits them: `1.23 MB`. */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const digits = Math.floor(Math.log10(Math.max(1, Math.round(bytes))));
  const power = Math.min(units.length - 1, Math.floor(digits / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

/** A watermark for people: UTC to the second, or what stands in for one. */
export function watermarkText(watermarkMs: number): string {
  if (watermarkMs === -Infinity) return "none yet";
  if (watermarkMs >= 253_402_300_799_999) return "end of input";
  const iso = new Date(watermarkMs).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;
}

/** Elapsed time for people: `1.23 s`, `4 min 05 s`. */
export function elapsedText(ms: number): string {
  if (ms < 120_000) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  const rest = String(seconds % 60).padStart(2, "0");
  return `${Math.floor(seconds / 60)} min ${rest} s`;
}

/** Time that is left or gone by, in two units at most: `42 s`, `3 h 20 min`. */
export function roughTimeText(ms: number): string {
  // What is not over has a second left.
  const seconds = Math.ceil(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${countText(hours / 24)} days`;
}
