import type {
  CloseReason,
  FiredSession,
  StoreOutput,
} from "../window_store.ts";
import type { SessionMemory } from "./session_memory.ts";
import { SessionWriter } from "./session_writer.ts";
import { NO_SLAB } from "./slab.ts";
import type { SlabArena } from "./slab_arena.ts";

/** What causes a firing, and what it means. */
export interface Firing {
  readonly watermarkMs: number;
  readonly closeReason: CloseReason;
  readonly final: boolean;
  /** Offset of the visit that causes it, -1 for a watermark. */
  readonly causeOffset: number;
}

/** Puts sessions out. One object tells of each firing in turn. */
export class SessionFirer {
  readonly #memory: SessionMemory;
  readonly #writer: SessionWriter;
  readonly #fired: FiredSession = {
    key: NO_SLAB.bytes,
    keyStart: 0,
    keyLength: 0,
    keyHash: 0,
    idPartition: 0,
    idOffset: 0,
    revision: 0,
    final: false,
    closeReason: "gap",
    supersedes: "",
    endMs: 0,
    visits: 0,
    newVisits: 0,
    causeOffset: -1,
  };

  constructor(arena: SlabArena, memory: SessionMemory) {
    this.#memory = memory;
    this.#writer = new SessionWriter(arena);
  }

  get bytesHeld(): number {
    return this.#writer.bytesHeld;
  }

  /** Fires the session that the memory stands on. */
  fire(out: StoreOutput, firing: Firing): void {
    const { row, text } = this.#memory;
    const fired = this.#fired;
    row.revision++;
    fired.key = text.bytes;
    fired.keyStart = text.keyStart;
    fired.keyLength = text.keyLength;
    fired.keyHash = row.keyHash;
    fired.idPartition = row.idPartition;
    fired.idOffset = row.idOffset;
    fired.revision = row.revision;
    fired.final = firing.final;
    fired.closeReason = firing.closeReason;
    fired.supersedes = this.#memory.supersedesOf(row.address);
    fired.endMs = row.endMs;
    fired.visits = row.visits;
    fired.newVisits = row.unfired;
    fired.causeOffset = firing.causeOffset;
    row.unfired = 0;
    this.#writer.setContext(out.generationTime, firing.watermarkMs);
    const valueLength = this.#writer.write(row, text);
    out.emit(this.#writer.bytes, valueLength, fired);
  }
}
