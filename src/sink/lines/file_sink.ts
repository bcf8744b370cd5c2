import type { SessionChunk } from "../../wire/messages.ts";
import type { SessionSink } from "../sink.ts";
import { type LineWriter, openLines } from "./line_writer.ts";
import type { OutputFileOptions } from "./output_file.ts";

/** Writes the sessions as JSON lines to a file or to stdout. */
export class FileSink implements SessionSink {
  readonly #path: string | null;
  readonly #options: OutputFileOptions;
  #writer: LineWriter | null = null;

  /** `path` null: stdout. */
  constructor(path: string | null, options: OutputFileOptions) {
    this.#path = path;
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#writer = await openLines(this.#path, this.#options);
  }

  begin(): void {
    this.#writer!.begin();
  }

  async write(chunks: readonly SessionChunk[]): Promise<void> {
    const writer = this.#writer!;
    await Promise.all(chunks.map((chunk) => writer.write(chunk.bytes)));
  }

  async flush(): Promise<void> {
    await this.#writer?.flush();
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }
}
