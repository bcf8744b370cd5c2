import {
  OPEN_BYTES,
  OPEN_END_MS,
  OPEN_FIRINGS,
  OPEN_ID_OFFSET,
  OPEN_ID_PARTITION,
  OPEN_KEY,
  OPEN_KEY_LENGTH,
  OPEN_LAST_VISIT_MS,
  OPEN_MIXED,
  OPEN_START_MS,
  OPEN_UNFIRED,
  OPEN_VISITS,
  WALK_LARGEST,
  WALK_LATEST,
  WALK_OLDEST,
} from "../kernel/codes.ts";
import { hashKey } from "../kernel/host/key_hash.ts";
import type { WindowKernel } from "../kernel/host/window_kernel.ts";
import { shortCanonical } from "./canonical_json.ts";
import {
  keepBest,
  type OpenSession,
  type OpenSessionForm,
  type OpenSessionQuery,
  rankOf,
} from "./open_session.ts";
import type { SessionContext } from "./session_context.ts";

/** An open session as its shard tells of it. */
export type ToldSession = Omit<OpenSession, "shard">;
/** The same with its JSON. */
export type ToldForm = Omit<OpenSessionForm, "shard">;

/** What a shard is asked about its open sessions. */
export type LookMessage =
  | {
      readonly kind: "find";
      /** visit_ids in canonical form, without the quotes. */
      readonly keys: readonly string[];
    }
  | ({
      /** One slice of a walk over all sessions. */
      readonly kind: "list";
      /** Only of those that rank higher: see `rankOf`. */
      readonly above: number;
      /** Null begins a walk. */
      readonly from: WalkPlace | null;
    } & OpenSessionQuery);

/** Where a walk over all sessions goes on, whatever becomes of them meanwhile. */
export interface WalkPlace {
  readonly classes: number;
  readonly next: number;
}

/** What it answers. */
export type LookAnswer =
  | {
      readonly kind: "found";
      /**
       * The sessions of each of the first keys, by start; those of the other keys
       * are to be asked for again.
       */
      readonly found: readonly (readonly ToldForm[])[];
    }
  | {
      readonly kind: "listed";
      /** The best of this slice, best first. */
      readonly sessions: readonly ToldSession[];
      /** Null when all were walked. */
      readonly next: WalkPlace | null;
    }
  | {
      /** Windows come back from the window log: not all are there. */
      readonly kind: "restoring";
    };

/** Of one visit_id no more are told of: the latest. */
const OF_KEY_MAX = 1000;
/** Room for the JSON of one visit_id, bytes; and after so many an answer ends. */
const JSON_BYTES_MAX = 1024 * 1024;
/** What a session weighs in an answer beside its JSON, bytes. */
const TOLD_BYTES = 512;
/** Sessions and empty classes that a slice looks at: less than 2 ms of work. */
const SLICE_LOOKS = 32_768;
/** Canonical bytes of a visit_id that are told, at most. */
const KEY_BYTES_MAX = 1024;

const WALK_ORDERS: Readonly<Record<OpenSessionQuery["order"], number>> = {
  oldest: WALK_OLDEST,
  largest: WALK_LARGEST,
  latest: WALK_LATEST,
};

/** Tells what sessions are open in the store of a kernel; changes none. */
export class SessionLook {
  readonly #kernel: WindowKernel;
  readonly #context: SessionContext;
  /** Makes a call into the kernel. */
  readonly #run: <Result>(call: () => Result) => Result;

  constructor(
    kernel: WindowKernel,
    parts: {
      readonly context: SessionContext;
      readonly run: <Result>(call: () => Result) => Result;
    },
  ) {
    this.#kernel = kernel;
    this.#context = parts.context;
    this.#run = parts.run;
  }

  /** Answers at a watermark, ms. */
  answer(message: LookMessage, watermarkMs: number): LookAnswer {
    return message.kind === "find"
      ? this.#find(message.keys, watermarkMs)
      : this.#list(message);
  }

  /** The first keys, until that is enough work. */
  #find(keys: readonly string[], watermarkMs: number): LookAnswer {
    this.#context.setOpen(watermarkMs);
    const found: ToldForm[][] = [];
    let bytes = 0;
    for (const key of keys) {
      if (bytes >= JSON_BYTES_MAX) break;
      const forms = this.#ofKey(Buffer.from(key, "latin1"));
      for (const { json } of forms) bytes += TOLD_BYTES + (json?.length ?? 0);
      found.push(forms);
    }
    this.#run(() => this.#kernel.calls.releaseRoom());
    return { kind: "found", found };
  }

  /** The sessions of a key, by start. */
  #ofKey(key: Buffer): ToldForm[] {
    const { calls } = this.#kernel;
    const forms: ToldForm[] = [];
    let jsonBytes = 0;
    let session = this.#newestOf(key);
    while (session !== 0 && forms.length < OF_KEY_MAX) {
      const told = this.#tell(session);
      const json = this.#jsonOf(session, JSON_BYTES_MAX - jsonBytes);
      jsonBytes += json?.length ?? 0;
      forms.push({ ...told, json });
      session = calls.olderOf(session);
    }
    return forms.reverse();
  }

  /** The latest session of a key, or 0. */
  #newestOf(key: Buffer): number {
    const { calls, bytes, open } = this.#kernel;
    const hash = hashKey(key, 0, key.length);
    let slot = calls.firstSlot(hash);
    for (; slot >= 0; slot = calls.nextSlot(hash, slot)) {
      const session = calls.sessionAt(slot);
      calls.tellOf(session);
      const at = open[OPEN_KEY]!;
      const end = at + open[OPEN_KEY_LENGTH]!;
      if (bytes.compare(key, 0, key.length, at, end) === 0) return session;
    }
    return 0;
  }

  /** The best of the next slice of a walk. */
  #list(message: Extract<LookMessage, { kind: "list" }>): LookAnswer {
    const { calls } = this.#kernel;
    const { order, limit } = message;
    const { classes, next } = message.from ?? {
      classes: calls.slotCount(),
      next: 0,
    };
    calls.beginWalk(classes, next, SLICE_LOOKS, WALK_ORDERS[order]);
    const told: ToldSession[] = [];
    let { above } = message;
    for (;;) {
      const session = calls.nextWalked(above);
      if (session === 0) break;
      told.push(this.#tell(session));
      if (told.length < 2 * limit) continue;
      keepBest(told, message);
      above = rankOf(told.at(-1)!, order);
    }
    keepBest(told, message);
    const walked = calls.walkedTo();
    const place = walked < classes ? { classes, next: walked } : null;
    return { kind: "listed", sessions: told, next: place };
  }

  #tell(session: number): ToldSession {
    const { calls, bytes, open } = this.#kernel;
    calls.tellOf(session);
    const at = open[OPEN_KEY]!;
    const key = bytes.subarray(at, at + open[OPEN_KEY_LENGTH]!);
    return {
      visitId: shortCanonical(key, KEY_BYTES_MAX),
      isCut: key.length > KEY_BYTES_MAX,
      sessionId: `${open[OPEN_ID_PARTITION]}-${open[OPEN_ID_OFFSET]}`,
      startMs: open[OPEN_START_MS]!,
      lastVisitMs: open[OPEN_LAST_VISIT_MS]!,
      endMs: open[OPEN_END_MS]!,
      visits: open[OPEN_VISITS]!,
      unfiredVisits: open[OPEN_UNFIRED]!,
      bytes: open[OPEN_BYTES]!,
      firings: open[OPEN_FIRINGS]!,
      isMixed: open[OPEN_MIXED] === 1,
    };
  }

  /** What would be put out now; null when that takes more bytes than these. */
  #jsonOf(session: number, bytesMax: number): string | null {
    const { calls } = this.#kernel;
    const length = this.#run(() => calls.writeIfSmall(session, bytesMax));
    if (length === 0) return null;
    const at = calls.textStart() >>> 0;
    return this.#kernel.bytes.toString("latin1", at, at + length);
  }
}
