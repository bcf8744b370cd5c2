import type {
  FiredSession,
  StoreOutput,
} from "../../src/window/window_store.ts";

/** Copies what it is given, as a shard's encoder does. */
export class CopyingOutput implements StoreOutput {
  readonly isFull = false;
  readonly generationTime = "2024-08-14T03:03:41.035179";
  readonly #target = Buffer.alloc(1024 * 1024);
  sessions = 0;
  bytes = 0;
  #at = 0;

  emit(value: Buffer, valueLength: number, _session: FiredSession): void {
    if (this.#at + valueLength > this.#target.length) this.#at = 0;
    value.copy(this.#target, this.#at, 0, valueLength);
    this.#at += valueLength;
    this.bytes += valueLength;
    this.sessions++;
  }

  late(): void {
    throw new Error("Cannot run bench: a visit is late");
  }

  reject(): void {
    throw new Error("Cannot run bench: a session is full");
  }
}
