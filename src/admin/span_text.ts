import { countText } from "../observe/number_text.ts";

const UNITS: readonly [ms: number, one: string, many: string][] = [
  [86_400_000, "day", "days"],
  [3_600_000, "h", "h"],
  [60_000, "min", "min"],
  [1_000, "s", "s"],
];

/** A span of time in its two largest units, cut: `12 min 5 s`, `850 ms`. */
export function spanText(ms: number): string {
  const first = UNITS.findIndex(([unitMs]) => ms >= unitMs);
  if (first < 0) return `${Math.max(0, Math.round(ms))} ms`;
  let leftMs = ms;
  const parts: string[] = [];
  for (const [unitMs, one, many] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(leftMs / unitMs);
    leftMs -= count * unitMs;
    if (count > 0)
      parts.push(`${countText(count)} ${count === 1 ? one : many}`);
  }
  return parts.join(" ");
}
