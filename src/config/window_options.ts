import { type OptionType, option, optionalOption } from "./option.ts";
import { choiceType } from "./plain_types.ts";
import { durationType } from "./quantity_types.ts";

const GROUP = "Sessions:";
const DURATION_OR_NONE: OptionType<number> = durationType(0);
const POSITIVE_DURATION: OptionType<number> = durationType(1);

/** The rules that decide about sessions. */
export const WINDOW_OPTIONS = {
  gap: option(POSITIVE_DURATION, {
    flag: "--gap",
    placeholder: "TIME",
    description: "pause that ends a session",
    group: GROUP,
    defaultText: "10m",
  }),
  "out-of-orderness": option(DURATION_OR_NONE, {
    flag: "--out-of-orderness",
    placeholder: "TIME",
    description: "disorder to wait for",
    group: GROUP,
    defaultText: "20m",
  }),
  "allowed-lateness": option(DURATION_OR_NONE, {
    flag: "--allowed-lateness",
    placeholder: "TIME",
    description: "re-fire for visits this late",
    group: GROUP,
    defaultText: "15m",
  }),
  "time-precision": option(choiceType(["s", "ms"]), {
    flag: "--time-precision",
    placeholder: "UNIT",
    description: "cut event times to s or ms",
    group: GROUP,
    defaultText: "s",
  }),
  "page-order": option(choiceType(["text", "time"]), {
    flag: "--page-order",
    placeholder: "KEY",
    description: "order pages by event_time as text, or by time",
    group: GROUP,
    defaultText: "text",
  }),
  "max-skew": optionalOption(POSITIVE_DURATION, {
    flag: "--max-skew",
    placeholder: "TIME",
    description: "reject event times further ahead (default: off)",
    group: GROUP,
  }),
} as const;
