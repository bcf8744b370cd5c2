import { type OptionType, optionType } from "./option.ts";

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const SIZE = /^(\d+(?:\.\d+)?) ?([kKMG]?i?B|)$/;

/** The longest duration that any option takes, ms. */
const MAX_DURATION_MS = 366 * 86_400_000;

/** Ms of text such as `10m`, `1h30m` or `500ms`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    ms += Number(amount) * MS_PER_UNIT[unit!]!;
  }
  return Number.isInteger(ms) ? ms : undefined;
}

/** The shortest text that `parseDuration` reads back. */
export function formatDuration(durationMs: number): string {
  let text = "";
  let restMs = durationMs;
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    const amount = Math.floor(restMs / MS_PER_UNIT[unit]!);
    if (amount === 0) continue;
    text += `${amount}${unit}`;
    restMs -= amount * MS_PER_UNIT[unit]!;
  }
  return text === "" ? "0" : text;
}

/** Bytes of text such as `64MiB`, `1kB` or `4096`; undefined for others. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  const unitBytes = BYTES_PER_UNIT[match?.[2] ?? "?"];
  if (match === null || unitBytes === undefined) return undefined;
  const bytes = Number(match[1]) * unitBytes;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest text that `parseSize` reads back. */
export function formatSize(bytes: number): string {
  for (const unit of ["GiB", "MiB", "KiB"]) {
    const amount = bytes / BYTES_PER_UNIT[unit]!;
    if (amount >= 1 && Number.isInteger(amount)) return `${amount}${unit}`;
  }
  return String(bytes);
}

/** A duration in ms, from `minMs` (0 or 1) to a year. */
export function durationType(minMs: 0 | 1): OptionType<number> {
  const expected =
    minMs === 0
      ? 'a duration such as "30s", or 0, of at most a year'
      : 'a positive duration such as "10m", of at most a year';
  return optionType(expected, {
    parse: (text) => inRange(parseDuration(text), minMs, MAX_DURATION_MS),
    format: formatDuration,
  });
}

/** A duration in a range, both ends in ms. */
export function durationRangeType(
  minMs: number,
  maxMs: number,
): OptionType<number> {
  const range = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  return optionType(`a duration from ${range}`, {
    parse: (text) => inRange(parseDuration(text), minMs, maxMs),
    format: formatDuration,
  });
}

/** A number of bytes in a range. */
export function sizeType(minBytes: number, maxBytes: number) {
  const range = `${formatSize(minBytes)} to ${formatSize(maxBytes)}`;
  return optionType<number>(`a size such as "64MiB", from ${range}`, {
    parse: (text) => inRange(parseSize(text), minBytes, maxBytes),
    format: formatSize,
  });
}

/** A whole number in a range. */
export function integerType(min: number, max: number): OptionType<number> {
  return optionType(`a whole number from ${min} to ${max}`, {
    parse: (text) =>
      inRange(/^\d+$/.test(text) ? Number(text) : undefined, min, max),
    format: String,
  });
}

/** A share of all rows, 0 to 100; fractions are allowed. */
export const PERCENT: OptionType<number> = optionType(
  "a number from 0 to 100",
  {
    parse: (text) => inRange(parseNumber(text), 0, 100),
    format: String,
  },
);

/** Events a second, as `50000/s`, `50k` or a plain number. */
export const RATE: OptionType<number> = optionType(
  'a positive rate such as "50000/s" or "50k", of at most 10000000/s',
  {
    parse: (text) => inRange(parseRate(text), 0.001, 10_000_000),
    format: (rate) => `${rate}/s`,
  },
);

const THOUSANDS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6 };

/** Events a second as `RATE` takes them; undefined for other texts. */
export function parseRate(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^(.*?)([kM]?)(?: ?\/ ?s)?$/.exec(text)!;
  const amount = parseNumber(digits);
  return amount && amount * (THOUSANDS[unit] ?? 1);
}

function parseNumber(text: string): number | undefined {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function inRange(
  value: number | undefined,
  min: number,
  max: number,
): number | undefined {
  return value !== undefined && value >= min && value <= max
    ? value
    : undefined;
}
