import { wallClockMs } from "../../clock.ts";
import { WorldError } from "../../errors.ts";
import { unreadableReason } from "../../files/file_reasons.ts";
import { LinePacker } from "../../kernel/host/line_packer.ts";
import type {
  InputExtent,
  PartitionProgress,
  Source,
  SourceEvent,
  StartOffset,
} from "../source.ts";
import { CutLines } from "./cut_lines.ts";
import { LineChunks } from "./line_chunks.ts";
import { type LineInput, openInput } from "./line_input.ts";
import { LineSplitter, type Lines, withoutMark } from "./line_splitter.ts";

/** A pipe that nothing comes from is spoken of after this, ms. */
const WAIT_NOTICE_MS = 1000;

/** The part of a log that lines need. */
export interface LineLog {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
}

/** How lines are read. */
export interface LineOptions {
  /** Of lines that are much longer only the start is kept. */
  readonly maxRecordBytes: number;
  /** No chunk crosses a multiple of so many records; null for no such bound. */
  readonly roundRecords: number | null;
  /** Records that hold a session back at most, where that is to be said. */
  readonly heldRecords?: number | null;
  /** Where to say what happens; nowhere without it. */
  readonly log?: LineLog;
  /** Whether `lengthOf` is asked, once for each record that is too large. */
  readonly tellsLengths?: boolean;
}

/**
 * JSON lines of a file or of stdin, as records of partition 0 whose offsets are
 * line numbers. Blank lines are skipped, a CR before the LF is stripped, as is a
 * byte order mark at the start.
 */
export class LineSource implements Source {
  readonly topic: string;
  readonly partitionCount = 1;
  readonly goneRecords = 0;
  readonly #path: string | null;
  readonly #splitter: LineSplitter;
  readonly #packer = new LinePacker();
  readonly #roundRecords: number | null;
  readonly #heldRecords: number | null;
  readonly #log: LineLog | undefined;
  readonly #cutLines: CutLines;
  #input: LineInput | null = null;
  #isStopped = false;
  /** Number of the first line wanted; null before `begin`. */
  #from: number | null = null;
  #position = 0;
  /** Bytes of the reads that are behind us. */
  #readBytes = 0;
  #hasRead = false;
  #hasToldHold = false;

  /** `path` null: stdin. */
  constructor(path: string | null, options: LineOptions) {
    const { maxRecordBytes, roundRecords, heldRecords, log } = options;
    this.topic = path === null ? "stdin" : `file:${path}`;
    this.#path = path;
    this.#splitter = new LineSplitter(maxRecordBytes);
    this.#roundRecords = roundRecords;
    this.#heldRecords = heldRecords ?? null;
    this.#log = log;
    const keepsLengths = options.tellsLengths ?? false;
    this.#cutLines = new CutLines({ topic: this.topic, log, keepsLengths });
  }

  async open(): Promise<void> {
    try {
      this.#input = openInput(this.#path, this.#packer.reads);
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  /** Lines before `from` are read, and left out. */
  begin(_partition: number, from: StartOffset): void {
    this.#from = from === "earliest" ? 0 : from;
    this.#position = this.#from;
  }

  async *events(): AsyncIterable<SourceEvent> {
    yield {
      kind: "assigned",
      partitions: [0],
      restarted: [0],
      topicId: null,
      seat: null,
    };
    const firstLine = this.#from;
    if (firstLine === null) {
      throw new Error(`Cannot read ${this.topic}: begin was not called`);
    }
    const roundRecords = this.#roundRecords;
    const packer = this.#packer;
    const chunks = new LineChunks({ firstLine, roundRecords, packer });
    for await (const read of this.#reads()) {
      chunks.expect(read.length);
      yield* this.#write(this.#splitter.split(read), chunks);
      this.#readBytes += read.length;
    }
    if (!this.#isStopped) this.#checkLength();
    if (!this.#isStopped) yield* this.#write(this.#splitter.rest(), chunks);
    if (!this.#isStopped) yield { kind: "finished", partition: 0 };
  }

  get isReady(): boolean {
    return this.#input?.isFile === true;
  }

  partitions(): readonly PartitionProgress[] {
    const position = this.#from === null ? null : this.#position;
    const isCaughtUp = !this.isReady;
    return [{ partition: 0, position, endOffset: null, lag: null, isCaughtUp }];
  }

  extent(): InputExtent | null {
    const total = this.#input?.byteLength ?? null;
    if (total === null) return null;
    return { done: Math.min(this.#readBytes, total), total };
  }

  lengthOf(_partition: number, offset: number): number | null {
    return this.#cutLines.takeLength(offset);
  }

  stop(): void {
    this.#isStopped = true;
    this.#input?.stop();
  }

  async close(): Promise<void> {
    this.stop();
    this.#cutLines.tellMore();
    await this.#input?.close();
    this.#input = null;
  }

  /** What came in one read: it goes out at once, and waits for no more. */
  *#write(some: Iterable<Lines>, chunks: LineChunks): Iterable<SourceEvent> {
    const fetchedAtMs = wallClockMs();
    for (const lines of some) {
      const { line } = chunks;
      const bytes = line === 0 ? this.#unmarked(lines.bytes) : lines.bytes;
      const isCut = lines.lostBytes > 0;
      if (isCut) this.#cutLines.tell(line, lines);
      chunks.open({ ...lines, bytes });
      while (!chunks.write()) {
        yield { kind: "records", chunk: chunks.take(fetchedAtMs)! };
        this.#position = chunks.line;
      }
    }
    const chunk = chunks.take(fetchedAtMs);
    if (chunk !== null) yield { kind: "records", chunk };
    this.#position = Math.max(this.#position, chunks.line);
  }

  async *#reads(): AsyncIterable<Buffer> {
    const input = this.#input!;
    const arm = () => setTimeout(() => this.#tellWaiting(), WAIT_NOTICE_MS);
    let notice = arm();
    try {
      for await (const read of input.chunks()) {
        clearTimeout(notice);
        if (this.#isStopped) return;
        this.#hasRead = true;
        yield read;
        if (this.#isHolding) notice = arm();
      }
    } catch (error) {
      if (this.#isStopped) return;
      throw this.#unreadable(error);
    } finally {
      clearTimeout(notice);
    }
  }

  #unreadable(error: unknown): WorldError {
    const name = this.#path === null ? "stdin" : `file "${this.#path}"`;
    return new WorldError(`Cannot read ${name}: ${unreadableReason(error)}`);
  }

  /** Warns when the end came too soon because somebody has cut the file. */
  #checkLength(): void {
    const { byteLength = null, byteLengthNow = null } = this.#input ?? {};
    if (byteLength === null || byteLengthNow === null) return;
    if (byteLengthNow >= byteLength || this.#readBytes >= byteLength) return;
    const count = (bytes: number) => bytes.toLocaleString("en");
    this.#log?.warn(
      { topic: this.topic, readBytes: this.#readBytes },
      `the input has become shorter while it was read: it had ${count(byteLength)} bytes at the start and has ${count(byteLengthNow)} now, visits may be missing`,
    );
  }

  #unmarked(bytes: Buffer): Buffer {
    const unmarked = withoutMark(bytes);
    if (unmarked.length < bytes.length) {
      const { topic } = this;
      this.#log?.debug({ topic }, "left out the byte order mark at the start");
    }
    return unmarked;
  }

  /** True when sessions may wait for more, and nobody was told so. */
  get #isHolding(): boolean {
    return this.#heldRecords !== null && !this.isReady && !this.#hasToldHold;
  }

  #tellWaiting(): void {
    const { topic } = this;
    const held = this.#heldRecords;
    const hold =
      held === null
        ? ""
        : `; sessions come at most ${held.toLocaleString("en")} records later ` +
          "than they could, with --live at once";
    this.#hasToldHold = true;
    const wait = this.#hasRead
      ? "waiting: more is to come"
      : "waiting: nobody has written anything yet";
    this.#log?.info({ topic }, `${wait}${hold}`);
  }
}
