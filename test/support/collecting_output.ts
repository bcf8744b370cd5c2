import assert from "node:assert/strict";
import type { CloseReason } from "../../src/kernel/host/session_names.ts";
import { decodeCanonical } from "../../src/window/canonical_json.ts";
import { rejectionReason } from "../../src/window/rejection.ts";
import type {
  FiredSession,
  StoreOutput,
} from "../../src/window/window_store.ts";

/** A firing as a test looks at it. */
export interface CollectedFiring {
  readonly visitId: string;
  /** The JSON value. */
  readonly value: string;
  /** `session-id`. */
  readonly id: string;
  readonly revision: number;
  readonly final: boolean;
  readonly closeReason: CloseReason;
  readonly supersedes: readonly string[];
  readonly endMs: number;
  readonly visits: number;
  readonly newVisits: number;
  readonly causeOffset: number;
}

/** Keeps what a store puts out; full after every `capacity` of them. */
export class CollectingOutput implements StoreOutput {
  generationTime = "2024-08-14T03:03:41.035179";
  readonly firings: CollectedFiring[] = [];
  /** Indexes of late visits, in the columns that were applied. */
  readonly lateIndexes: number[] = [];
  /** The same of visits whose session was full. */
  readonly fullIndexes: number[] = [];
  readonly #capacity: number;
  #used = 0;

  constructor(capacity = Infinity) {
    this.#capacity = capacity;
  }

  get isFull(): boolean {
    return this.#used >= this.#capacity;
  }

  /** Makes room again, as a shard does after it has reported. */
  drain(): void {
    this.#used = 0;
  }

  emit(value: Buffer, valueLength: number, session: FiredSession): void {
    this.#used++;
    this.firings.push({
      visitId: decodeCanonical(
        session.key,
        session.keyStart,
        session.keyLength,
      ),
      value: value.toString("latin1", 0, valueLength),
      id: `${session.idPartition}-${session.idOffset}`,
      revision: session.revision,
      final: session.final,
      closeReason: session.closeReason,
      supersedes:
        session.supersedes === "" ? [] : session.supersedes.split(","),
      endMs: session.endMs,
      visits: session.visits,
      newVisits: session.newVisits,
      causeOffset: session.causeOffset,
    });
  }

  late(index: number): void {
    this.#used++;
    this.lateIndexes.push(index);
  }

  reject(index: number, code: number): void {
    this.#used++;
    assert.equal(rejectionReason(code), "session_full");
    this.fullIndexes.push(index);
  }
}
