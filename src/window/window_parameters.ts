import {
  PAGE_ORDER_TEXT,
  PAGE_ORDER_TIME,
  REFIRE_BYTES_MAX,
  SESSION_BYTES_MAX,
} from "../kernel/codes.ts";
import type { PageOrder, WindowParameters } from "./window_store.ts";

/** The kernel's code of an order of pages. */
export const PAGE_ORDERS: Readonly<Record<PageOrder, number>> = {
  text: PAGE_ORDER_TEXT,
  time: PAGE_ORDER_TIME,
};

/** Longest gap or lateness, ms: deadlines stay far inside what is exact. */
const DURATION_MS_MAX = 1e15;

/** The parameters with what is left out; throws a `RangeError` for wrong ones. */
export function checkedParameters(
  parameters: WindowParameters,
): Required<WindowParameters> {
  const checked: Required<WindowParameters> = {
    refireBytesMax: REFIRE_BYTES_MAX,
    sessionBytesMax: SESSION_BYTES_MAX,
    pageOrder: "text",
    ...parameters,
  };
  const { gapMs, allowedLatenessMs, sessionBytesMax } = checked;
  const isInRange = (ms: number) => ms >= 0 && ms <= DURATION_MS_MAX;
  if (!isInRange(gapMs) || !isInRange(allowedLatenessMs)) {
    throw new RangeError(
      `Cannot create window store: gap ${gapMs} ms and lateness ${allowedLatenessMs} ms must be from 0 to ${DURATION_MS_MAX}`,
    );
  }
  if (!(sessionBytesMax >= 0 && sessionBytesMax <= SESSION_BYTES_MAX)) {
    throw new RangeError(
      `Cannot create window store: ${sessionBytesMax} bytes a session must be from 0 to ${SESSION_BYTES_MAX}`,
    );
  }
  return checked;
}
