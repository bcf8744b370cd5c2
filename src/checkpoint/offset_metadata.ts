import { WorldError } from "../errors.ts";

const VERSION = 1;

/** What stands beside a committed offset: where the windows of it are. */
export interface OffsetMetadata {
  /** The window log is read from here on, */
  readonly from: number;
  /** and up to here. */
  readonly end: number;
  /** The transactional id of who committed it. */
  readonly by: string;
  /** The commit that wrote the last mark; 0 when there is none. */
  readonly commit: number;
  /** The window log; null where that is not said. */
  readonly log: string | null;
}

/** As text for the committed offset. */
export function encodeMetadata(metadata: OffsetMetadata): string {
  const { from, end, by, commit, log } = metadata;
  const named = log === null ? {} : { log };
  return JSON.stringify({ v: VERSION, from, end, by, commit, ...named });
}

/**
 * Of a committed offset; null for text that is not ours: another program, or a
 * tool, has set the offset. Throws a `WorldError` for a version that is unknown.
 */
export function decodeMetadata(text: string): OffsetMetadata | null {
  const fields = parse(text);
  if (fields === null) return null;
  const { v, from, end, by, commit } = fields;
  const log = typeof fields.log === "string" ? fields.log : null;
  const isOurs = typeof by === "string" && typeof v === "number";
  if (!isOurs) return null;
  if (v !== VERSION) {
    throw new WorldError(
      `Cannot go on from the committed offsets: their metadata is of version ` +
        `${v}, this version of sessionmill reads version ${VERSION}; run the ` +
        "version that wrote it, or a newer one",
    );
  }
  if (!isCount(from) || !isCount(end) || !isCount(commit) || from > end) {
    throw new WorldError(
      `Cannot go on from the committed offsets: expected metadata with from, ` +
        `end, by and commit, got ${text.slice(0, 200)}`,
    );
  }
  return { from, end, by, commit, log };
}

/** Who committed an offset, by its metadata of whatever version; null: not us. */
export function committerOf(text: string): string | null {
  const by = parse(text)?.by;
  return typeof by === "string" ? by : null;
}

/** What metadata may have, as it stands beside its offset. */
type Fields = Readonly<Record<"v" | keyof OffsetMetadata, unknown>>;

function parse(text: string): Fields | null {
  if (!text.startsWith("{")) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
