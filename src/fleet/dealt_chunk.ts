import { type Chunk, claimedBytesOf, isAnyPacked } from "../record/chunk.ts";
import type { Frame } from "../record/frame_pool.ts";
import type { InFlight } from "./in_flight.ts";

/**
 * A chunk from when it is taken until all of it is applied. Who holds a part of it
 * says so; the last one to let go gives back its bytes and all that was made of it.
 */
export class DealtChunk {
  readonly chunk: Chunk;
  /** Bytes that it claims to unpack to. */
  readonly claimedBytes: number;
  readonly #inFlight: InFlight;
  /** What was made of its records: rows, and their unpacked bytes. */
  readonly #made: Frame[] = [];
  #holders = 1;
  /** Records that shards own, as they say; null while none has said so. */
  #owned: number | null = null;
  #bytes: number;

  /** `keepsUnpacked`: what is unpacked of it is kept, beside what is read. */
  constructor(
    chunk: Chunk,
    inFlight: InFlight,
    { keepsUnpacked = false }: { readonly keepsUnpacked?: boolean } = {},
  ) {
    this.chunk = chunk;
    this.#inFlight = inFlight;
    const { byteLength, count, bytes, starts } = chunk;
    this.claimedBytes = claimedBytesOf(chunk);
    this.#bytes = isAnyPacked(bytes, starts)
      ? inFlight.addPacked(this.claimedBytes * (keepsUnpacked ? 2 : 1), count)
      : inFlight.add(byteLength, count);
  }

  /** Bytes that it counts for while it is under way. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** Its records are unpacked, and turned out to be so many bytes. */
  unpacked(recordBytes: number, keptBytes: number): void {
    const bytes = recordBytes + keptBytes;
    const { count } = this.chunk;
    this.#inFlight.learn({ count, byteLength: recordBytes });
    this.#inFlight.correct(this.#bytes, bytes);
    this.#bytes = bytes;
  }

  /** A shard that got all of it says that so many records are its own. */
  own(count: number): void {
    this.#owned = (this.#owned ?? 0) + count;
  }

  /** Memory that is given back together with the chunk. */
  keep(frame: Frame): void {
    this.#made.push(frame);
  }

  /** One more holder, who will release. */
  hold(): void {
    this.#holders++;
  }

  /** One holder less; the last one gives all back. */
  release(): void {
    if (--this.#holders > 0) return;
    if (this.#holders < 0) {
      const { partition, firstOffset } = this.chunk;
      throw new Error(
        `Cannot give back records of partition ${partition}, from offset ` +
          `${firstOffset} on: they were given back before`,
      );
    }
    if (this.#owned !== null && this.#owned !== this.chunk.count) {
      throw wrongCount(this.chunk, this.#owned);
    }
    this.#inFlight.remove(this.#bytes);
    for (const frame of this.#made) frame.release();
    this.chunk.release();
  }
}

/** Not each of its records went to one shard. */
export function wrongCount(chunk: Chunk, count: number): Error {
  return new Error(
    `Cannot hand on records of partition ${chunk.partition}, from offset ` +
      `${chunk.firstOffset} on: ${count} were scanned, expected ${chunk.count}`,
  );
}
