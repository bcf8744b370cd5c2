import { type OptionType, optionType } from "./option.ts";
import { formatDuration, parseDuration } from "./quantity_types.ts";

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)?$/;

/** An instant, ms since the epoch; the text must have an offset or `Z`. */
export const INSTANT_MS: OptionType<number> = optionType(
  'a time such as "2024-06-01T00:00:00Z"',
  {
    parse: (text) => {
      const instant = parseInstant(text);
      return instant?.hasOffset ? instant.ms : undefined;
    },
    format: formatInstant,
  },
);

/**
 * The text of an instant in UTC with six digits and no offset, as
 * `generation_time` has it; an instant without an offset counts as UTC.
 */
export const GENERATION_TIME: OptionType<string> = optionType(
  'a time such as "2024-08-14T03:03:41.035179"',
  {
    parse: (text) => {
      const instant = parseInstant(text);
      if (instant === undefined) return undefined;
      const seconds = new Date(instant.ms).toISOString().slice(0, 19);
      return `${seconds}.${instant.microseconds}`;
    },
    format: String,
  },
);

/** A moment in a log: seconds behind its start, or wall clock in ms. */
export type Moment =
  | { readonly kind: "behind-start"; readonly seconds: number }
  | { readonly kind: "instant"; readonly ms: number };

/** A moment, as seconds or a duration behind the start, or as an instant. */
export const MOMENT: OptionType<Moment> = optionType(
  'seconds such as "90", a duration such as "1m30s", or a time such as "2024-06-01T00:00:00Z"',
  {
    parse: (text) => {
      const instant = parseInstant(text);
      if (instant?.hasOffset) return { kind: "instant", ms: instant.ms };
      const ms = /^\d+(\.\d+)?$/.test(text)
        ? Number(text) * 1000
        : parseDuration(text);
      return ms === undefined
        ? undefined
        : { kind: "behind-start", seconds: ms / 1000 };
    },
    format: (moment) =>
      moment.kind === "instant"
        ? formatInstant(moment.ms)
        : formatDuration(moment.seconds * 1000),
  },
);

/** ISO text of an instant in UTC, without a fraction of zero. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

interface Instant {
  readonly ms: number;
  /** Six digits. */
  readonly microseconds: string;
  readonly hasOffset: boolean;
}

function parseInstant(text: string): Instant | undefined {
  const match = INSTANT.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, time, fraction = "", offset] = match;
  const date = `${year}-${month}-${day}`;
  const microseconds = fraction.padEnd(6, "0");
  const ms = Date.parse(
    `${date}T${time!.padEnd(8, ":00")}.${microseconds.slice(0, 3)}${offset ?? "Z"}`,
  );
  // Date.parse moves 31 June to 1 July; such a day is an error here.
  const midnight = new Date(`${date}T00:00:00Z`);
  const isRealDay =
    !Number.isNaN(midnight.getTime()) &&
    midnight.toISOString().startsWith(date);
  if (Number.isNaN(ms) || !isRealDay) return undefined;
  const utcYear = new Date(ms).getUTCFullYear();
  if (utcYear < 1 || utcYear > 9999) return undefined;
  return { ms, microseconds, hasOffset: offset !== undefined };
}
