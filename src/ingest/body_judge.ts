import { placeOf } from "../record/chunk.ts";
import {
  emptyRecord,
  type RecordParts,
} from "../record/record_batch_writer.ts";
import { decodeCanonical } from "../window/canonical_json.ts";
import { ChunkReader } from "../window/chunk_reader.ts";
import {
  type RejectionReason,
  rejectionReason,
  VISIT,
} from "../window/rejection.ts";
import type { VisitRules } from "../window/visit_judge.ts";
import { BodyChunks, type BodyForm } from "./body_chunks.ts";

const BACKSLASH = 0x5c;

/** A part of a body that is no visit. */
export interface Rejection {
  /** The index of the item, or the number of the line from 0 on. */
  readonly at: number;
  readonly reason: RejectionReason;
}

/** What became of the visits of a body. */
export interface Verdict {
  /** Number of visits that were taken. */
  accepted: number;
  rejected: number;
  /** The first of those that were rejected. */
  readonly rejections: Rejection[];
}

/** So many rejections are kept; the rest is counted alone. */
const REJECTIONS_MAX = 100;

/** How the visits of a body are judged, and who takes them. */
export interface BodyToJudge {
  readonly form: BodyForm;
  /** The time that their records will have at least, ms. */
  readonly nowMs: number;
  /**
   * Gets each visit in turn, as a record whose key is its `visit_id`. False when
   * the topic does not take one so large.
   */
  readonly take: (parts: RecordParts) => boolean;
  /** Told the reason of each that is no visit. */
  readonly onRejected: (reason: RejectionReason) => void;
}

/** Judges the visits of bodies as a shard would, with the same reasons. */
export class BodyJudge {
  readonly #chunks = new BodyChunks();
  readonly #reader: ChunkReader;
  readonly #topic: string;
  readonly #parts = emptyRecord();

  constructor(topic: string, rules: Omit<VisitRules, "timePrecision">) {
    this.#topic = topic;
    // What is a visit does not depend on it.
    this.#reader = new ChunkReader({ ...rules, timePrecision: "ms" });
  }

  /** Throws a `Refusal` for a body that is broken as a whole: none is taken. */
  judge(body: Buffer, options: BodyToJudge): Verdict {
    const verdict: Verdict = { accepted: 0, rejected: 0, rejections: [] };
    for (const chunk of this.#chunks.of(body, options.form)) {
      try {
        this.#reader.open(placeOf(chunk, this.#topic), options.nowMs);
        while (this.#reader.next()) this.#takeRows(options, verdict);
      } finally {
        chunk.release();
      }
    }
    return verdict;
  }

  #takeRows({ take, onRejected }: BodyToJudge, verdict: Verdict): void {
    const reject = (at: number, reason: RejectionReason) => {
      onRejected(reason);
      const { rejections } = verdict;
      if (verdict.rejected++ < REJECTIONS_MAX) rejections.push({ at, reason });
    };
    const { visits } = this.#reader;
    const { outcome, offset } = visits;
    for (let row = 0; row < visits.count; row++) {
      const code = outcome[row]!;
      const at = offset[row]!;
      if (code !== VISIT) reject(at, rejectionReason(code));
      else if (take(this.#record(row))) verdict.accepted++;
      else reject(at, "too_large");
    }
  }

  #record(row: number): RecordParts {
    const parts = this.#parts;
    const { visits } = this.#reader;
    parts.value = visits.bytes;
    parts.valueStart = visits.valueStart[row]!;
    parts.valueLength = visits.valueLength[row]!;
    this.#setKey(row);
    return parts;
  }

  /** The row has the key as it stands in JSON. */
  #setKey(row: number): void {
    const parts = this.#parts;
    const { visits } = this.#reader;
    const place = visits.keyStart[row]!;
    const bytes = place >= 0 ? visits.bytes : visits.spill;
    const start = place >= 0 ? place : ~place;
    const length = visits.keyLength[row]!;
    const end = start + length;
    for (let at = start; at < end; at++) {
      if (bytes[at] !== BACKSLASH) continue;
      parts.key = Buffer.from(decodeCanonical(bytes, start, length));
      parts.keyStart = 0;
      parts.keyLength = parts.key.length;
      return;
    }
    parts.key = bytes;
    parts.keyStart = start;
    parts.keyLength = length;
  }
}
