import type { Writable } from "node:stream";
import type { ReportedSide, ShardReport } from "../fleet/shard_report.ts";
import { SIDE_LATE } from "../shard/side_records.ts";
import { LineWriter, recordMember } from "../sink/lines/line_writer.ts";
import type { LineSource } from "../source/lines/line_source.ts";
import { decodeCanonical } from "../window/canonical_json.ts";
import { type RejectionReason, rejectionReason } from "../window/rejection.ts";

const LF = 0x0a;
/** Characters written at once: a step can put out more than a string holds. */
const PIECE_LENGTH = 1 << 20;

/** One line of output, and what it is ordered by. */
interface OrderedLine {
  /** Line number of the visit that caused it, -1 for a watermark. */
  readonly cause: number;
  readonly endMs: number;
  /** UTF-8 bytes of the `visit_id`. */
  readonly key: Buffer;
  readonly text: string;
}

const NO_KEY = Buffer.alloc(0);

/**
 * Collects what the shards put out in a step of a replay, and writes it in the
 * order of its causes: visits by line, then a watermark's firings by window end
 * and `visit_id`. So the output does not depend on the number of shards.
 */
export class ReplayOutput {
  readonly #writer: LineWriter;
  readonly #source: Pick<LineSource, "lengthOf">;
  #lines: OrderedLine[] = [];
  readonly #rejections: Partial<Record<RejectionReason, number>> = {};
  /** Forms of sessions that came. */
  sessions = 0;

  constructor(output: Writable, source: Pick<LineSource, "lengthOf">) {
    this.#source = source;
    this.#writer = new LineWriter(output, {
      ...{ name: "the output", readerMayLeave: true },
    });
  }

  /** Copies what a report holds. */
  collect(report: ShardReport): void {
    for (const { bytes } of report.chunks()) {
      for (const line of splitLines(Buffer.from(bytes))) {
        this.#lines.push(sessionLine(line));
        this.sessions++;
      }
    }
    for (const side of report.sides()) {
      const { partition, offset } = side;
      const length = this.#source.lengthOf(partition, offset);
      this.#lines.push(sideLine(side, length));
      this.#count(side);
    }
  }

  /** Rejected records that came, by their reason. */
  get rejections(): Readonly<Partial<Record<RejectionReason, number>>> {
    return this.#rejections;
  }

  #count({ code }: ReportedSide): void {
    if (code === SIDE_LATE) return;
    const reason = rejectionReason(code);
    this.#rejections[reason] = (this.#rejections[reason] ?? 0) + 1;
  }

  /** Writes the collected lines. */
  async flush(): Promise<void> {
    if (this.#lines.length === 0) return;
    const lines = this.#lines.sort(compareLines);
    this.#lines = [];
    let piece = "";
    for (const { text } of lines) {
      piece += `${text}\n`;
      if (piece.length < PIECE_LENGTH) continue;
      await this.#writer.write(piece);
      piece = "";
    }
    if (piece !== "") await this.#writer.write(piece);
  }
}

function compareLines(a: OrderedLine, b: OrderedLine): number {
  return a.cause - b.cause || a.endMs - b.endMs || a.key.compare(b.key);
}

function* splitLines(bytes: Buffer): Iterable<string> {
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(LF, start);
    yield bytes.toString("latin1", start, end);
    start = end + 1;
  }
}

/** Takes apart what the shard's encoder put in front of the session. */
function sessionLine(line: string): OrderedLine {
  const causeEnd = line.indexOf("\t");
  const endEnd = line.indexOf("\t", causeEnd + 1);
  const keyEnd = line.indexOf("\t", endEnd + 1);
  const canonical = Buffer.from(line.slice(endEnd + 1, keyEnd), "latin1");
  return {
    cause: Number(line.slice(0, causeEnd)),
    endMs: Number(line.slice(causeEnd + 1, endEnd)),
    key: Buffer.from(decodeCanonical(canonical, 0, canonical.length)),
    text: `{"session": ${line.slice(keyEnd + 1)}}`,
  };
}

/** `length`: that of the record where only its start came, bytes. */
function sideLine(side: ReportedSide, length: number | null): OrderedLine {
  const order = { cause: side.offset, endMs: 0, key: NO_KEY };
  if (side.code === SIDE_LATE) {
    const visit = Buffer.from(side.value!).toString("utf8");
    return { ...order, text: `{"late": ${visit}}` };
  }
  const reason = rejectionReason(side.code);
  const [name, record] = recordMember(side.value);
  const rest = length === null ? "}" : `, "value-bytes": ${length}}`;
  const rejected = `{"reason": "${reason}", "${name}": ${JSON.stringify(record)}${rest}`;
  return { ...order, text: `{"rejected": ${rejected}}` };
}
