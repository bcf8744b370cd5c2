import { isUtf8 } from "node:buffer";
import { fdatasync, WriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { ReaderGoneError, UsageError, WorldError } from "../../errors.ts";
import { unwritableReason } from "../../files/file_reasons.ts";
import { OutputWrites } from "../../files/slow_writes.ts";
import { type OutputFileOptions, openOutputFile } from "./output_file.ts";

/** What writes are like, beside their stream. */
export interface LineWriterOptions {
  /** Of the stream, for errors. */
  readonly name: string;
  /**
   * A reader that has gone away is the end of all work, a `ReaderGoneError`; else it
   * is a failure, as it is where others still read.
   */
  readonly readerMayLeave: boolean;
  /** What is to be done before the first write. */
  readonly begin?: () => void;
  /** What is to be done when all is closed and no write ever came. */
  readonly discard?: () => void;
}

/** Writes JSON lines to a stream; a write is acknowledged when it is taken. */
export class LineWriter {
  readonly #stream: Writable;
  readonly #options: LineWriterOptions;
  readonly #writes: OutputWrites;
  #hasBegun = false;
  #failure: Error | null = null;

  constructor(stream: Writable, options: LineWriterOptions) {
    this.#stream = stream;
    this.#options = options;
    const { name } = options;
    const isOnDisk = stream instanceof WriteStream;
    this.#writes = new OutputWrites(isOnDisk ? name : `the reader of ${name}`);
    // Failures of writes reach their callbacks; those of `end` come here.
    stream.on("error", (error) => {
      this.#failure ??= error;
    });
  }

  /**
   * Work begins: only now goes what is to be overwritten. The first write does it
   * too. Throws a `WorldError`, or a `UsageError` when another run has written
   * meanwhile what is not to be replaced.
   */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    try {
      this.#options.begin?.();
    } catch (error) {
      throw this.#describe(error);
    }
  }

  /** Writes bytes that must stay as they are until it resolves. */
  async write(bytes: Uint8Array | string): Promise<void> {
    this.begin();
    this.#writes.begun();
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
        this.#writes.ended();
        if (error) reject(this.#describe(error));
        else resolve();
      });
    });
  }

  /** Resolves when what was acknowledged is on the disk, if it is a file. */
  async flush(): Promise<void> {
    const fd = "fd" in this.#stream ? this.#stream.fd : null;
    if (typeof fd !== "number" || this.#stream === process.stdout) return;
    await new Promise<void>((resolve, reject) => {
      fdatasync(fd, (error) => {
        // Devices have no disk.
        if (error === null || error.code === "EINVAL") resolve();
        else reject(this.#describe(error));
      });
    });
  }

  /** Ends the stream once all is written; leaves stdout open. */
  async close(): Promise<void> {
    if (this.#failure !== null) throw this.#describe(this.#failure);
    if (this.#stream === process.stdout) return this.write("");
    await new Promise<void>((resolve, reject) => {
      this.#stream.once("error", (error) => reject(this.#describe(error)));
      this.#stream.end(resolve);
    });
    if (!this.#hasBegun) this.#options.discard?.();
  }

  #describe(error: unknown): Error {
    if (error instanceof UsageError) return error;
    const { name, readerMayLeave } = this.#options;
    const isReaderGone =
      error instanceof Error && "code" in error && error.code === "EPIPE";
    if (isReaderGone && readerMayLeave) return new ReaderGoneError();
    return new WorldError(
      `Cannot write to ${name}: ${unwritableReason(error)}`,
    );
  }
}

/** A line writer to a file, or to stdout when `path` is null. */
export async function openLines(
  path: string | null,
  options: OutputFileOptions,
): Promise<LineWriter> {
  const { stream, ...work } =
    path === null
      ? { stream: process.stdout }
      : await openOutputFile(path, options);
  const name = path === null ? "stdout" : `file "${path}"`;
  const isStdout = stream === process.stdout;
  const readerMayLeave = isStdout && options.isOnlyOutput === true;
  return new LineWriter(stream, { name, readerMayLeave, ...work });
}

/**
 * Name and value of the member that shows a record: `record` with its text, or
 * `record_base64` when it is no UTF-8; a null record stays null.
 */
export function recordMember(
  value: Uint8Array | null,
): readonly ["record" | "record_base64", string | null] {
  if (value === null) return ["record", null];
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (isUtf8(bytes)) return ["record", bytes.toString("utf8")];
  return ["record_base64", bytes.toString("base64")];
}
