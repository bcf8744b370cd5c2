import * as codes from "../codes.ts";

type Codes = typeof codes;
type CloseCode = Codes[Extract<keyof Codes, `CLOSE_${string}`>];

/** The name of each close reason, by its code. */
const CLOSE_REASON_NAMES = {
  [codes.CLOSE_GAP]: "gap",
  [codes.CLOSE_LATE_UPDATE]: "late-update",
  [codes.CLOSE_END_OF_INPUT]: "end-of-input",
  [codes.CLOSE_MAX_DURATION]: "max-duration",
  [codes.CLOSE_END_MARKER]: "end-marker",
  [codes.CLOSE_IDLE_FLUSH]: "idle-flush",
} as const satisfies Readonly<Record<CloseCode, string>>;

/** Why a session was emitted. */
export type CloseReason = (typeof CLOSE_REASON_NAMES)[CloseCode];

/** All close reasons, each at the place that is its code. */
export const CLOSE_REASONS: readonly CloseReason[] = Object.keys(
  CLOSE_REASON_NAMES,
).map((_, code) => closeReasonOf(code));

/** Names of the headers of a session, in the order in which they stand. */
export const METADATA = {
  sessionId: "session-id",
  revision: "revision",
  final: "final",
  closeReason: "close-reason",
  supersedes: "supersedes",
  sourceTopicId: "source-topic-id",
} as const;

/** One of the names of `METADATA`. */
export type MetadataName = (typeof METADATA)[keyof typeof METADATA];

/** All of them, in that order. */
export const METADATA_NAMES: readonly MetadataName[] = Object.values(METADATA);

/** What the header `final` says of a session that is not, or is. */
export const FINAL_TEXTS = ["false", "true"] as const;

/** The close reason with a code; throws a `RangeError` for any other number. */
export function closeReasonOf(code: number): CloseReason {
  const names: Readonly<Record<number, CloseReason>> = CLOSE_REASON_NAMES;
  const reason = names[code];
  if (reason === undefined) {
    throw new RangeError(`Cannot name close reason: code ${code} is unknown`);
  }
  return reason;
}

/** Throws a `RangeError` for what is no close reason, so that none is put out. */
export function assertCloseReason(reason: string): void {
  if (!(CLOSE_REASONS as readonly string[]).includes(reason)) {
    throw new RangeError(
      `Cannot encode session: close reason "${reason}" is none of ${CLOSE_REASONS.join(", ")}`,
    );
  }
}
