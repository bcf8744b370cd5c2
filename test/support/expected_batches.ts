import { HeaderSection } from "../../src/record/header_section.ts";
import { murmur2, partitionOf } from "../../src/record/partitioner.ts";
import { RecordBatchWriter } from "../../src/record/record_batch_writer.ts";
import { metadataOf } from "../../src/sink/encode/session_metadata.ts";
import { decodeCanonical } from "../../src/window/canonical_json.ts";
import type { FiredSession } from "../../src/window/window_store.ts";
import type { SessionChunk } from "../../src/wire/messages.ts";

/** Sessions as record batches, by the writer of the other topics. */
export class ExpectedBatches {
  readonly #writers: readonly RecordBatchWriter[];
  /** The `visit_id`s of the sessions that were too large. */
  readonly oversized: string[] = [];
  readonly counts = { sessions: 0, newVisits: 0 };

  constructor(options: { partitionCount: number; maxRecordBytes: number }) {
    this.#writers = Array.from(
      { length: options.partitionCount },
      () => new RecordBatchWriter(options.maxRecordBytes),
    );
  }

  get byteLength(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.byteLength, 0);
  }

  add(value: Buffer, valueLength: number, session: FiredSession): void {
    const { keyStart, keyLength } = session;
    const visitId = decodeCanonical(session.key, keyStart, keyLength);
    const key = Buffer.from(visitId);
    const partition = partitionOf(
      murmur2(key, 0, key.length),
      this.#writers.length,
    );
    const headers = new HeaderSection();
    headers.clear();
    for (const [name, text] of Object.entries(metadataOf(session))) {
      headers.add(name, text);
    }
    const fits = this.#writers[partition]!.add({
      ...{ key, keyStart: 0, keyLength: key.length },
      ...{ value, valueStart: 0, valueLength },
      ...{ headers: headers.bytes, headersLength: headers.byteLength },
    });
    this.counts.sessions++;
    this.counts.newVisits += session.newVisits;
    if (!fits) this.oversized.push(key.toString());
  }

  take(): SessionChunk[] {
    return this.#writers.flatMap((writer, partition) =>
      writer.take().map(({ bytes, count }) => ({ partition, count, bytes })),
    );
  }
}
