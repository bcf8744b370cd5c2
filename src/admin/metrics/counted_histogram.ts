/** Upper bounds of the buckets, seconds: SLOs are read at any of them. */
export const BUCKETS_S: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
  30, 60, 300,
];

/** A value of a metric, as prom-client writes it. */
interface MetricValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram of Prometheus that takes counts: prom-client's own takes a value
 * at a time.
 */
export class CountedHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram";
  readonly #counts = new Float64Array(BUCKETS_S.length + 1);
  #sumS = 0;

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  /** Adds values in µs and how often each came, in turns. */
  add(counts: Float64Array): void {
    for (let i = 0; i < counts.length; i += 2) {
      const valueS = counts[i]! / 1e6;
      const count = counts[i + 1]!;
      const bucket = BUCKETS_S.findIndex((bound) => valueS <= bound);
      this.#counts[bucket < 0 ? BUCKETS_S.length : bucket]! += count;
      this.#sumS += valueS * count;
    }
  }

  /** As prom-client asks for it. */
  get(): object {
    let sum = 0;
    const values: MetricValue[] = [...this.#counts].map((count, bucket) => {
      sum += count;
      const le = BUCKETS_S[bucket] ?? "+Inf";
      return { metricName: `${this.name}_bucket`, labels: { le }, value: sum };
    });
    values.push(
      { metricName: `${this.name}_sum`, labels: {}, value: this.#sumS },
      { metricName: `${this.name}_count`, labels: {}, value: sum },
    );
    const { name, help, type } = this;
    return { name, help, type, values };
  }
}
