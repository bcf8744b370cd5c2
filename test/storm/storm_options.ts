import type { StormTopics } from "./read_evidence.ts";
import type { SecondBroker, StormBroker } from "./storm_broker.ts";
import {
  STORM_MAX_SKEW,
  STORM_RECORD_BYTES_MAX,
  STORM_WINDOWS,
} from "./visit_plan.ts";

/** As short as brokers allow unless they are told otherwise. */
const SESSION_TIMEOUT = "6s";

/** What a job promises. */
export const GUARANTEES = ["none", "at-least-once", "exactly-once"] as const;

/** One of them. */
export type Guarantee = (typeof GUARANTEES)[number];

/** What a storm is made with. */
export interface StormOptions {
  /** Its own: nobody else uses it. */
  readonly broker: StormBroker;
  /** Another one of the same cluster. */
  readonly second?: SecondBroker | null;
  /** Tells storms on one broker apart. */
  readonly name: string;
  readonly seed: number;
  readonly guarantee: Guarantee;
  readonly ratePerSecond: number;
  readonly partitions?: number;
  readonly poisonPercent?: number;
  readonly isScattered?: boolean;
  readonly userBytes?: number;
  /** Where the log of each process is kept; nowhere if left out. */
  readonly logs?: string | null;
  /** Says what happens. */
  readonly tell?: (text: string) => void;
}

/** How a process of the job is started. */
export interface LifeOptions {
  readonly workers?: number;
  /** Null for a member without a name. */
  readonly instance?: string | null;
  /** Where it finds the brokers, if elsewhere than everybody else. */
  readonly brokers?: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The arguments of a process of a storm's job. */
export function jobArguments(
  options: LifeOptions,
  job: {
    readonly brokers: string;
    readonly group: string;
    readonly topics: StormTopics;
    readonly guarantee: Guarantee;
  },
): string[] {
  const { workers = 1, instance = "one", flags = [] } = options;
  const { brokers, group, topics, guarantee } = job;
  const { gapMs, outOfOrdernessMs, allowedLatenessMs } = STORM_WINDOWS;
  const hasName = instance !== null && guarantee !== "none";
  return [
    ...["run", "--guarantee", guarantee, "--session-timeout", SESSION_TIMEOUT],
    ...(hasName ? ["--instance", instance] : []),
    ...["--brokers", brokers, "--group", group],
    ...["--from", `kafka:${topics.visits}`],
    ...["--to", `kafka:${topics.sessions}`],
    ...["--late-to", `kafka:${topics.late}`],
    ...["--dead-letter-to", `kafka:${topics.deadLetters}`],
    ...["--gap", `${gapMs}ms`, "--time-precision", "ms"],
    ...["--out-of-orderness", `${outOfOrdernessMs}ms`],
    ...["--allowed-lateness", `${allowedLatenessMs}ms`],
    ...["--max-record-bytes", String(STORM_RECORD_BYTES_MAX)],
    ...["--max-skew", STORM_MAX_SKEW, "--metadata-interval", "1s"],
    ...["--workers", String(workers), ...flags],
  ];
}
