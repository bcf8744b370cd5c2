import {
  type BlockRow,
  barRow,
  blockLines,
  curvePart,
  SteadyNumbers,
} from "./block_rows.ts";
import { countText } from "./number_text.ts";
import type { ProgressView } from "./progress_display.ts";
import { leftText, percentText } from "./progress_text.ts";
import type { RatedCounts, RunRates } from "./run_rates.ts";
import type { TextStyle } from "./text_style.ts";

const ENDING = "finishing";

/** How far the making of visits is: `visitsIn` are the records. */
export type GenerateCounts = Pick<
  RatedCounts,
  "visitsIn" | "extent" | "elapsedMs"
>;

/** What rates are made of, for a generator: it closes no sessions. */
export function ratedCounts(counts: GenerateCounts): RatedCounts {
  return { ...counts, sessions: 0, lag: null };
}

/** How the making of visits stands, in two lines or in one for a log. */
export class GenerateProgress implements ProgressView<RatedCounts> {
  readonly #style: TextStyle;
  readonly #numbers = new SteadyNumbers();

  constructor(style: TextStyle) {
    this.#style = style;
  }

  lines(progress: RatedCounts, rates: RunRates, room: number): string[] {
    const { visitsIn, extent } = progress;
    const style = this.#style;
    const made = this.#numbers.pad("records", countText(visitsIn));
    const rate = countText(rates.visitsPerSecond);
    const records: BlockRow = {
      label: "records",
      parts: [
        { texts: [made], rank: 0, paint: style.strong },
        { texts: [`${this.#numbers.pad("rate", rate)}/s`], rank: 1 },
        curvePart(rates.history, style),
      ],
    };
    if (extent === null) return blockLines([records], { room, style });
    const rest = leftText(extent, rates.leftMs, ENDING);
    const bar = barRow("made", extent, { rest, room, style });
    return blockLines([records, bar], { room, style });
  }

  text({ visitsIn, extent }: RatedCounts, rates: RunRates): string {
    const rate = countText(rates.visitsPerSecond);
    const made = `${countText(visitsIn)} records, ${rate} records/s`;
    if (extent === null) return made;
    const rest = leftText(extent, rates.leftMs, ENDING);
    return `${made}, ${percentText(extent)} made, ${rest}`;
  }

  fields(progress: RatedCounts, rates: RunRates): object {
    const { visitsIn: records, extent, elapsedMs } = progress;
    const { visitsPerSecond: recordsPerSecond, leftMs } = rates;
    return { records, extent, elapsedMs, recordsPerSecond, leftMs };
  }
}
