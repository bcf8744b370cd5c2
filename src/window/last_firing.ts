import {
  FIRED_CLOSE_REASON,
  FIRED_END_MS,
  FIRED_FINAL,
  FIRED_ID_OFFSET,
  FIRED_ID_PARTITION,
  FIRED_KEY,
  FIRED_KEY_HASH,
  FIRED_KEY_LENGTH,
  FIRED_NEW_VISITS,
  FIRED_REVISION,
  FIRED_SWALLOWED,
  FIRED_SWALLOWED_IDS,
  FIRED_VALUE,
  FIRED_VALUE_LENGTH,
  FIRED_VISITS,
  LISTED_ID_BYTES,
  LISTED_ID_OFFSET,
} from "../kernel/codes.ts";
import { CLOSE_REASONS, closeReasonOf } from "../kernel/host/session_names.ts";
import type { WindowKernel } from "../kernel/host/window_kernel.ts";
import type {
  FiredSession,
  FiringCounts,
  StoreOutput,
} from "./window_store.ts";

const NO_BYTES = Buffer.alloc(0);

/** The session that the kernel has fired last, for those that take it out; how many. */
export class LastFiring {
  readonly #kernel: WindowKernel;
  /** Id of the topic that the visits are of; "" for none. */
  sourceTopicId = "";
  readonly #fired: FiredSession = {
    key: NO_BYTES,
    keyStart: 0,
    keyLength: 0,
    keyHash: 0,
    idPartition: 0,
    idOffset: 0,
    revision: 0,
    final: false,
    closeReason: "gap",
    supersedes: "",
    sourceTopicId: "",
    endMs: 0,
    visits: 0,
    newVisits: 0,
    causeOffset: -1,
  };

  constructor(kernel: WindowKernel) {
    this.#kernel = kernel;
  }

  /** Puts it out. Throws a `RangeError` for a close reason without a name. */
  emit(out: StoreOutput, causeOffset: number): void {
    const numbers = this.#kernel.fired;
    const value = numbers[FIRED_VALUE]!;
    const valueLength = numbers[FIRED_VALUE_LENGTH]!;
    const text = this.#kernel.textFrom(value, valueLength);
    const fired = this.#fired;
    fired.key = text;
    fired.keyStart = numbers[FIRED_KEY]! - value;
    fired.keyLength = numbers[FIRED_KEY_LENGTH]!;
    fired.keyHash = numbers[FIRED_KEY_HASH]!;
    fired.idPartition = numbers[FIRED_ID_PARTITION]!;
    fired.idOffset = numbers[FIRED_ID_OFFSET]!;
    fired.revision = numbers[FIRED_REVISION]!;
    fired.final = numbers[FIRED_FINAL] === 1;
    fired.closeReason = closeReasonOf(numbers[FIRED_CLOSE_REASON]!);
    fired.endMs = numbers[FIRED_END_MS]!;
    fired.visits = numbers[FIRED_VISITS]!;
    fired.newVisits = numbers[FIRED_NEW_VISITS]!;
    fired.supersedes = this.#swallowedIds();
    fired.sourceTopicId = this.sourceTopicId;
    fired.causeOffset = causeOffset;
    out.emit(text, valueLength, fired);
  }

  /** What was fired since the last call. */
  takeCounts(): FiringCounts {
    const { calls } = this.#kernel;
    const byReason = CLOSE_REASONS.map((_, code) => calls.firingsFor(code));
    const revisions = calls.revisions();
    calls.clearFirings();
    return { byReason, revisions };
  }

  /** Lets the memory go that the session was written in. */
  release(): void {
    this.#fired.key = NO_BYTES;
  }

  /** Ids in the form of `session-id`, comma-joined. */
  #swallowedIds(): string {
    const { bytes, fired } = this.#kernel;
    const count = fired[FIRED_SWALLOWED]!;
    if (count === 0) return "";
    const list = fired[FIRED_SWALLOWED_IDS]!;
    const ids = Array.from({ length: count }, (_, i) => {
      const at = list + LISTED_ID_BYTES * i;
      const partition = bytes.readDoubleLE(at);
      return `${partition}-${bytes.readDoubleLE(at + LISTED_ID_OFFSET)}`;
    });
    return ids.join(",");
  }
}
