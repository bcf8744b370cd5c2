import type { KafkaConfig, KafkaSourceConfig } from "../../config/config.ts";
import type { OwnSeat } from "../../kafka/group_seat.ts";
import type { Outage } from "../../kafka/outage.ts";
import type { MemberJob } from "./member_jobs.ts";
import type { SourceLog } from "./partition_assignments.ts";

/** What to read, and how far. */
export interface KafkaSourceOptions {
  readonly topic: string;
  readonly kafka: KafkaConfig;
  /** True to end at the last stable offsets that `open` finds. */
  readonly bounded: boolean;
  readonly source: KafkaSourceConfig;
  /** Answers of brokers that may be held at a time: as many as keep all busy. */
  readonly framesMax: number;
  /** True to stand outside the group, and to read all partitions there are. */
  readonly readsAll?: boolean;
  /** True when all partitions restart with each assignment, also those kept. */
  readonly restartsAll?: boolean;
  /** Who this process was in the group before it began again, and is now. */
  readonly ownSeat?: OwnSeat;
  /** What is done with what it reads, for the others of the group to know. */
  readonly job?: MemberJob;
  readonly logger?: SourceLog;
  /** The story of the brokers, if others tell it too. */
  readonly outage?: Outage;
}
