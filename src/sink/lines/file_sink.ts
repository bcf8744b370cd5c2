import type { SessionChunk } from "../../wire/messages.ts";
import type { SessionSink } from "../sink.ts";
import { type LineWriter, openLines } from "./line_writer.ts";

/** Writes the sessions as JSON lines to a file or to stdout. */
export class FileSink implements SessionSink {
  readonly #path: string | null;
  #writer: LineWriter | null = null;

  /** `path` null: stdout. */
  constructor(path: string | null) {
    this.#path = path;
  }

  async open(): Promise<void> {
    this.#writer = await openLines(this.#path);
  }

  async write(chunks: readonly SessionChunk[]): Promise<void> {
    const writer = this.#writer!;
    await Promise.all(chunks.map((chunk) => writer.write(chunk.bytes)));
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }
}
