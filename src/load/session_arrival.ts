import type { KafkaConfig } from "../config/config.ts";

/** A session of this load that came by; times in ms. */
export interface Arrival {
  /** When its last visit was; event time. */
  readonly lastVisitMs: number;
  /** The timestamp of its record. */
  readonly stampedAtMs: number;
  readonly readAtMs: number;
}

/** What the thread that reads sessions needs. */
export interface ReaderThreadData {
  readonly kafka: KafkaConfig;
  readonly topic: string;
  /** How the visit_ids of this load begin: sessions of others are not told. */
  readonly visitIdPrefix: string;
}

/**
 * What the thread says. Arrivals come in turns: when the session's last visit was,
 * the record's timestamp, when it was read; ms. Only firings by the gap count,
 * and of each session the first.
 */
export type ReaderMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "arrivals"; readonly values: Float64Array<ArrayBuffer> }
  | { readonly kind: "over" }
  | { readonly kind: "failed"; readonly reason: string };

/** Numbers an arrival has in `values`. */
export const ARRIVAL_FIELDS = 3;
