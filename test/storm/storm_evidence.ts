import type { SessionForm } from "../reference/last_forms.ts";

/** A visit that stands in the topic of visits. */
export interface StoredVisit {
  readonly number: number;
  readonly visitId: string;
  readonly eventTime: string;
  readonly userId: string;
  readonly partition: number;
  readonly offset: number;
}

/** A form as it stands in the topic of sessions. */
export interface StoredForm extends SessionForm {
  readonly isFinal: boolean;
  /** Numbers of its visits. */
  readonly numbers: readonly number[];
}

/** Where a partition of any topic ends. */
export interface TopicEnd {
  readonly topic: string;
  readonly partition: number;
  /** Behind the last record. */
  readonly end: number;
  /** Where a read_committed reader gets to. */
  readonly stable: number;
}

/** What a storm has left behind, as clients of their own have read it. */
export interface StormEvidence {
  /** Numbers of the visits that were acknowledged. */
  readonly ledger: readonly number[];
  /** The topic of visits, in the order of each partition. */
  readonly visits: readonly StoredVisit[];
  /** `<partition>-<offset>` of what is in that topic and no visit. */
  readonly poison: readonly string[];
  /** The topic of sessions, in the order of each partition. */
  readonly forms: readonly StoredForm[];
  /** `<partition>-<offset>` of each late visit's origin. */
  readonly late: readonly string[];
  /** The same of each dead letter's. */
  readonly deadLetters: readonly string[];
  /** Every topic of the brokers, internal ones too. */
  readonly ends: readonly TopicEnd[];
  /** By partition: what the group has committed; -1 for nothing. */
  readonly committed: ReadonlyMap<number, number>;
  readonly visitsTopic: string;
}
