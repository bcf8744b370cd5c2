import type { AbortedTransaction } from "../../record/aborted_filter.ts";
import { readInt64 } from "../../record/batch_header_reader.ts";

/** What a fetch response says of one partition. */
export interface PartitionAnswer {
  readonly partition: number;
  /** Kafka's error code, 0 for none. */
  readonly errorCode: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Where in the frame its record batches are. */
  readonly start: number;
  readonly end: number;
}

/** What a fetch response says. */
export interface FetchAnswer {
  /** Error code of the response as a whole, 0 for none. */
  readonly errorCode: number;
  readonly partitions: readonly PartitionAnswer[];
}

/** Where the throttle time stands, after the correlation id. */
const THROTTLE_AT = 4;

/** The ms that the broker asks to be left alone. */
export function readThrottleMs(frame: Buffer): number {
  return frame.readInt32BE(THROTTLE_AT);
}

/** Reads a fetch response (v11); the records are only located. */
export function readFetchResponse(frame: Buffer): FetchAnswer {
  const reader = new FieldReader(frame, THROTTLE_AT + 4);
  const errorCode = reader.int16();
  reader.skip(4); // Session id: this client keeps no fetch sessions.
  const partitions: PartitionAnswer[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    reader.skip(reader.int16()); // Topic name: there is only one.
    for (let count = reader.int32(); count > 0; count--) {
      partitions.push(readPartition(reader));
    }
  }
  return { errorCode, partitions };
}

function readPartition(reader: FieldReader): PartitionAnswer {
  const partition = reader.int32();
  const errorCode = reader.int16();
  reader.skip(8); // High watermark: committed records end before it.
  const lastStableOffset = reader.int64();
  reader.skip(8); // Log start offset: asked for when it is needed.
  const aborted: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count--) {
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() });
  }
  reader.skip(4); // Preferred replica: only named to clients with a rack.
  const byteLength = Math.max(0, reader.int32());
  const start = reader.at;
  reader.skip(byteLength);
  const end = reader.at;
  return { partition, errorCode, lastStableOffset, aborted, start, end };
}

/** Reads big-endian fields one after the other. */
class FieldReader {
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  skip(byteLength: number): void {
    this.at += byteLength;
  }

  int16(): number {
    this.at += 2;
    return this.#bytes.readInt16BE(this.at - 2);
  }

  int32(): number {
    this.at += 4;
    return this.#bytes.readInt32BE(this.at - 4);
  }

  int64(): number {
    this.at += 8;
    return readInt64(this.#bytes, this.at - 8);
  }
}
