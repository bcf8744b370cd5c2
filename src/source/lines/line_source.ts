import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { wallClockMs } from "../../clock.ts";
import { messageOf, WorldError } from "../../errors.ts";
import type { Source, SourceEvent } from "../source.ts";
import { fileFrames } from "./file_frames.ts";
import { LineBatch } from "./line_batch.ts";

const LF = 0x0a;

/** Where the lines are read from. */
type Input = { readonly path: string } | { readonly stream: Readable };

/**
 * JSON lines of a file or of stdin, as records of partition 0 whose offsets are
 * line numbers. Blank lines are skipped, a CR before the LF is stripped.
 */
export class LineSource implements Source {
  readonly topic: string;
  readonly partitionCount = 1;
  readonly #input: Input;
  #handle: FileHandle | null = null;
  #isStopped = false;
  /** The lines come from a disk, not from a pipe that has a name. */
  #isFile = false;

  constructor(topic: string, input: Input) {
    this.topic = topic;
    this.#input = input;
  }

  async open(): Promise<void> {
    if ("stream" in this.#input) return;
    const { path } = this.#input;
    try {
      this.#handle = await open(path, "r");
      const stat = await this.#handle.stat();
      this.#isFile = stat.isFile();
      if (stat.isDirectory()) {
        throw new Error("it is a directory, expected a file of JSON lines");
      }
    } catch (error) {
      throw new WorldError(`Cannot read file "${path}": ${messageOf(error)}`);
    }
  }

  async *events(): AsyncIterable<SourceEvent> {
    yield { kind: "assigned", partitions: [0], restarted: [0] };
    let line = 0;
    for await (const bytes of this.#wholeLines()) {
      const batch = new LineBatch(bytes, { line, fetchedAtMs: wallClockMs() });
      yield { kind: "records", batch };
      line = batch.line;
    }
    if (!this.#isStopped) yield { kind: "finished", partition: 0 };
  }

  get isReady(): boolean {
    return this.#isFile;
  }

  isCaughtUp(): boolean {
    return "stream" in this.#input;
  }

  stop(): void {
    this.#isStopped = true;
    // Only a stream can keep us waiting.
    if ("stream" in this.#input) this.#input.stream.destroy();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#handle?.close();
    this.#handle = null;
  }

  /** The chunks, cut behind line feeds: only a line across a cut is copied. */
  async *#wholeLines(): AsyncIterable<Buffer> {
    let pieces: Buffer[] = [];
    for await (const chunk of this.#chunks()) {
      const firstEnd = chunk.indexOf(LF) + 1;
      if (firstEnd === 0) {
        pieces.push(Buffer.from(chunk));
        continue;
      }
      const lastEnd = chunk.lastIndexOf(LF) + 1;
      const start = pieces.length === 0 ? 0 : firstEnd;
      if (start > 0) yield Buffer.concat([...pieces, chunk.subarray(0, start)]);
      if (start < lastEnd) yield chunk.subarray(start, lastEnd);
      const rest = chunk.subarray(lastEnd);
      pieces = rest.length > 0 ? [Buffer.from(rest)] : [];
    }
    if (pieces.length > 0) yield Buffer.concat(pieces);
  }

  async *#chunks(): AsyncIterable<Buffer> {
    const chunks =
      "stream" in this.#input
        ? (this.#input.stream as AsyncIterable<Buffer>)
        : fileFrames(this.#handle!);
    try {
      for await (const chunk of chunks) {
        if (this.#isStopped) return;
        yield chunk;
      }
    } catch (error) {
      if (this.#isStopped) return;
      throw new WorldError(`Cannot read ${this.topic}: ${messageOf(error)}`);
    }
  }
}
