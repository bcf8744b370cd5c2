import {
  type LatencySeries,
  MS_PER_UNIT,
  rankOf,
  type Unit,
  type UnitFound,
} from "./latency_series.ts";

const HEADER = /^\s*"?Value"?[,\s]+"?Percentile"?[,\s]+"?TotalCount"?/;
const ROW =
  /^\s*(\d+(?:\.\d+)?)[,\s]+(\d+(?:\.\d+)?)[,\s]+(\d+)(?:[,\s]+\S+)?\s*$/;
const FOOTER = /^#\[Max\s*=\s*(\d+(?:\.\d+)?), Total count\s*=\s*(\d+)\]/;
const MEAN = /^#\[Mean\s*=\s*(\d+(?:\.\d+)?)?/;
/** wrk2 says so which of its two distributions comes. */
const KIND = /\(HdrHistogram - (\w+)/;
const ROWS_MAX = 1_000_000;

/** How a text is read. */
export interface PercentileTextOptions {
  readonly name: string;
  /** Null: ms, as our files and wrk2 have it. */
  readonly unit: Unit | null;
}

/** What such a text says. */
export interface PercentileSeries extends LatencySeries {
  /** As the text has it, ms; null where it has none. */
  readonly meanMs: number | null;
}

interface Row {
  readonly value: number;
  readonly quantile: number;
  readonly reached: number;
}

interface Distribution {
  readonly kind: string;
  readonly rows: Row[];
  mean: number | null;
  footer: { readonly max: number; readonly count: number } | null;
}

/**
 * Reads percentile distributions as HdrHistogram's libraries and wrk2 print them,
 * in columns or as CSV; other text may stand around them. A percentile between two
 * rows is that of the upper one.
 */
export class PercentileText {
  readonly #name: string;
  readonly #unit: UnitFound;
  readonly #distributions: Distribution[] = [];
  #kind = "";
  /** The one whose rows come now. */
  #open: Distribution | null = null;

  constructor({ name, unit }: PercentileTextOptions) {
    this.#name = name;
    this.#unit =
      unit === null ? { unit: "ms", by: "assumed" } : { unit, by: "user" };
  }

  /** Whether a line is the head of such a distribution. */
  static isHeader(line: string): boolean {
    return HEADER.test(line);
  }

  /** Takes a line in. Throws an error that says what is wrong with it. */
  line(line: string): void {
    this.#kind = KIND.exec(line)?.[1] ?? this.#kind;
    if (HEADER.test(line)) {
      this.end();
      this.#open = { kind: this.#kind, rows: [], mean: null, footer: null };
      this.#distributions.push(this.#open);
      return;
    }
    if (this.#open === null || line.trim() === "") return;
    const mean = MEAN.exec(line);
    if (mean !== null) {
      this.#open.mean = mean[1] === undefined ? null : Number(mean[1]);
      return;
    }
    const footer = FOOTER.exec(line);
    if (footer !== null) {
      this.#open.footer = { max: Number(footer[1]), count: Number(footer[2]) };
      this.end();
    } else this.#row(this.#open, line);
  }

  /** The text is over. Throws an error when it ends within a distribution. */
  end(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    const { rows, footer } = open;
    const reached = rows.at(-1)?.reached ?? 0;
    if (footer === null && rows.at(-1)?.quantile !== 1) {
      throw new Error(
        "the distribution is cut, expected a row for 1.0 and a line with the maximum",
      );
    }
    if (footer !== null && footer.count !== reached) {
      throw new Error(
        `the rows count ${reached} values, the line with the maximum says ${footer.count}`,
      );
    }
  }

  /** What it came to, in the order of the text. */
  series(): PercentileSeries[] {
    return this.#distributions.map((each) => {
      const isOnly = this.#distributions.length === 1;
      const suffix = isOnly || each.kind === "" ? "" : ` ${each.kind}`;
      return this.#seriesOf(each, `${this.#name}${suffix}`);
    });
  }

  #row({ rows }: Distribution, line: string): void {
    const match = ROW.exec(line);
    if (match === null) {
      throw new Error(
        "expected a row of value, percentile and count, or the line with the maximum",
      );
    }
    const [value, quantile, reached] = match.slice(1).map(Number);
    const row = { value: value!, quantile: quantile!, reached: reached! };
    const last = rows.at(-1) ?? { value: 0, quantile: 0, reached: 0 };
    const isRising =
      row.value >= last.value &&
      row.quantile >= last.quantile &&
      row.reached >= last.reached;
    if (!isRising || row.quantile > 1) {
      throw new Error(
        "a value, percentile or count is less than in the line before, or a percentile above 1",
      );
    }
    if (rows.length === ROWS_MAX) {
      throw new Error(`it has more than ${ROWS_MAX} rows`);
    }
    rows.push(row);
  }

  #seriesOf(
    { rows, mean, footer }: Distribution,
    name: string,
  ): PercentileSeries {
    const msPerUnit = MS_PER_UNIT[this.#unit.unit];
    const count = rows.at(-1)?.reached ?? 0;
    const max = footer?.max ?? rows.at(-1)?.value ?? Number.NaN;
    return {
      name,
      count,
      meanMs: mean === null || count === 0 ? null : mean * msPerUnit,
      maxMs: count === 0 ? Number.NaN : max * msPerUnit,
      span: null,
      unit: this.#unit,
      machine: null,
      percentileMs(percentile) {
        const rank = rankOf(percentile, count);
        const found = rows.find(({ reached }) => reached >= rank);
        // A row has the end of a bucket, which nothing may have reached.
        return Math.min(found?.value ?? Number.NaN, max) * msPerUnit;
      },
    };
  }
}
