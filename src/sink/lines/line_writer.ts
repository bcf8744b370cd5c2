import { isUtf8 } from "node:buffer";
import { fdatasync } from "node:fs";
import type { Writable } from "node:stream";
import { WorldError } from "../../errors.ts";
import { type OutputFileOptions, openOutputFile } from "./output_file.ts";

/** Writes JSON lines to a stream; a write is acknowledged when it is taken. */
export class LineWriter {
  readonly #stream: Writable;
  readonly #name: string;
  #failure: Error | null = null;

  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    // Failures of writes reach their callbacks; those of `end` come here.
    stream.on("error", (error) => {
      this.#failure ??= error;
    });
  }

  /** Writes bytes that must stay as they are until it resolves. */
  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
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
  }

  /** EPIPE keeps its code: a reader that went away is no error of ours. */
  #describe(error: Error): Error {
    if ("code" in error && error.code === "EPIPE") return error;
    return new WorldError(`Cannot write to ${this.#name}: ${error.message}`);
  }
}

/** A line writer to a file, or to stdout when `path` is null. */
export async function openLines(
  path: string | null,
  options: OutputFileOptions,
): Promise<LineWriter> {
  if (path === null) return new LineWriter(process.stdout, "stdout");
  return new LineWriter(await openOutputFile(path, options), `file "${path}"`);
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
