import { FieldReader } from "../../kafka/fields.ts";
import type { AbortedTransaction } from "../../record/aborted_filter.ts";
import { FETCH_BY_ID } from "./fetch_request.ts";

/** Number of the field that says where the log parts from what was read. */
const DIVERGING_EPOCH_TAG = 0;

/** What a fetch response says of one partition. */
export interface PartitionAnswer {
  readonly partition: number;
  /** Kafka's error code, 0 for none. */
  readonly errorCode: number;
  /** Where the records end that a failing broker does not lose. */
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /**
   * Where the log parts from what was read before, null where it does not (or
   * where the broker was not asked).
   */
  readonly cutOffset: number | null;
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

/** Where the first field stands, after the correlation id and header tags. */
function bodyAt(frame: Buffer, version: number): number {
  const reader = new FieldReader(frame, 4);
  if (version === FETCH_BY_ID) reader.skipTags();
  return reader.at;
}

/** The ms that the broker asks to be left alone. */
export function readThrottleMs(frame: Buffer, version: number): number {
  return frame.readInt32BE(bodyAt(frame, version));
}

/** Reads a fetch response (v11 or v13); the records are only located. */
export function readFetchResponse(frame: Buffer, version: number): FetchAnswer {
  const reader = new FieldReader(frame, bodyAt(frame, version) + 4);
  const errorCode = reader.int16();
  reader.skip(4); // Session id: this client keeps no fetch sessions.
  const partitions =
    version === FETCH_BY_ID ? readById(reader) : readByName(reader);
  return { errorCode, partitions };
}

function readByName(reader: FieldReader): PartitionAnswer[] {
  const partitions: PartitionAnswer[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    reader.skip(reader.int16()); // Topic name: there is only one.
    for (let count = reader.int32(); count > 0; count--) {
      partitions.push(readPartition(reader));
    }
  }
  return partitions;
}

function readById(reader: FieldReader): PartitionAnswer[] {
  const partitions: PartitionAnswer[] = [];
  for (let topics = reader.compactLength(); topics > 0; topics--) {
    reader.topicId(); // There is only one.
    for (let count = reader.compactLength(); count > 0; count--) {
      partitions.push(readCompactPartition(reader));
    }
    reader.skipTags();
  }
  return partitions;
}

function readCompactPartition(reader: FieldReader): PartitionAnswer {
  const head = readHead(reader);
  const aborted: AbortedTransaction[] = [];
  for (let count = reader.compactLength(); count > 0; count--) {
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() });
    reader.skipTags();
  }
  reader.skip(4); // Preferred replica: only named to clients with a rack.
  const byteLength = Math.max(0, reader.compactLength());
  const start = reader.at;
  reader.skip(byteLength);
  const end = reader.at;
  let cutOffset: number | null = null;
  reader.eachTag((tag) => {
    if (tag !== DIVERGING_EPOCH_TAG) return;
    reader.skip(4); // The last leader epoch that both have.
    cutOffset = reader.int64();
  });
  return { ...head, aborted, cutOffset, start, end };
}

/** The fields that all versions begin a partition with. */
function readHead(reader: FieldReader) {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  reader.skip(8); // Log start offset: asked for when it is needed.
  return { partition, errorCode, highWatermark, lastStableOffset };
}

function readPartition(reader: FieldReader): PartitionAnswer {
  const head = readHead(reader);
  const aborted: AbortedTransaction[] = [];
  for (let count = reader.int32(); count > 0; count--) {
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() });
  }
  reader.skip(4); // Preferred replica: only named to clients with a rack.
  const byteLength = Math.max(0, reader.int32());
  const start = reader.at;
  reader.skip(byteLength);
  const end = reader.at;
  return { ...head, aborted, cutOffset: null, start, end };
}
