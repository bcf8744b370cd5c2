import type { Unit } from "../../latency/latency_series.ts";
import {
  type PercentileSeries,
  PercentileText,
} from "../../latency/percentile_text.ts";

/**
 * Reads the first percentile distribution of a text. Throws an error that says
 * where it is none.
 */
export function readHgrm(
  text: string,
  options: { readonly name: string; readonly unit: Unit | null },
): PercentileSeries {
  const reader = new PercentileText(options);
  text.split(/\r?\n/).forEach((line, i) => {
    try {
      reader.line(line);
    } catch (error) {
      throw new Error(`line ${i + 1}: ${(error as Error).message}`);
    }
  });
  reader.end();
  const [first] = reader.series();
  if (first !== undefined) return first;
  throw new Error(
    "it has no line “Value Percentile TotalCount”, as a .hgrm has one",
  );
}
