import { countText } from "../../observe/number_text.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long something takes or took, to two units: `3 min 20 s`. */
export function durationText(ms: number): string {
  if (ms < 0) return `−${durationText(-ms)}`;
  // Rounded first: 59.6 s are a minute.
  const whole = Math.round(ms / SECOND_MS) * SECOND_MS;
  if (whole < MINUTE_MS) return `${whole / SECOND_MS} s`;
  if (whole < HOUR_MS) return twoUnits(whole, [MINUTE_MS, "min"], "s");
  if (whole < DAY_MS) return twoUnits(whole, [HOUR_MS, "h"], "min");
  if (whole < 100 * DAY_MS) return twoUnits(whole, [DAY_MS, "d"], "h");
  return `${Math.round(whole / DAY_MS)} d`;
}

/** The same for a narrow column, in its larger unit: `3 min`. */
export function shortDurationText(ms: number): string {
  return durationText(ms).split(" ", 2).join(" ");
}

const SMALLER_MS = { s: SECOND_MS, min: MINUTE_MS, h: HOUR_MS };

function twoUnits(
  ms: number,
  [unitMs, unit]: readonly [number, string],
  smaller: keyof typeof SMALLER_MS,
): string {
  const units = Math.floor(ms / unitMs);
  const rest = Math.floor((ms % unitMs) / SMALLER_MS[smaller]);
  const head = `${units} ${unit}`;
  return rest === 0 ? head : `${head} ${rest} ${smaller}`;
}

/** Time of day, UTC: `21:04:09`. */
export function clockText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** Date, UTC: `2026-05-01`. */
export function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A part of a whole: `12 %`; small ones with a digit behind the point. */
export function shareText(share: number): string {
  const percent = share * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** How many times as much: `1.24×`, `<0.01×`, `12.3k×`. */
export function ratioText(ratio: number): string {
  if (ratio < 0.01) return "<0.01×";
  if (ratio >= 1e9) return ">1000M×";
  if (ratio < 0.1) return `${ratio.toPrecision(2)}×`;
  return `${ratio < 100 ? ratio.toPrecision(3) : axisText(ratio)}×`;
}

/** How many, for a narrow column: `123,456`, `12.3M`. */
export function shortCountText(count: number): string {
  return count < 1e6 ? countText(count) : axisText(count);
}

/** A large number in short, for an axis: `20k`, `1.5M`. */
export function axisText(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
