import type { SideRecord, SideSink } from "../sink.ts";
import { type LineWriter, openLines, recordMember } from "./line_writer.ts";
import type { OutputFileOptions } from "./output_file.ts";

/** Writes late visits or dead letters as JSON lines to a file or to stdout. */
export class FileSideSink implements SideSink {
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

  async write(records: Iterable<SideRecord>): Promise<void> {
    let lines = "";
    for (const record of records) lines += `${sideLine(record)}\n`;
    await this.#writer!.write(lines);
  }

  async flush(): Promise<void> {
    await this.#writer?.flush();
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }
}

/** One side record as a JSON object, put together by hand: there may be many. */
function sideLine(record: SideRecord): string {
  const { reason, topic, partition, offset, value, headers } = record;
  const { valueBytes } = record;
  const [name, text] = recordMember(value);
  const rest =
    headers === undefined ? "}" : `,${JSON.stringify(headers).slice(1)}`;
  const length = valueBytes === undefined ? "" : `,"value-bytes":${valueBytes}`;
  return (
    `{"reason":"${reason}","topic":${JSON.stringify(topic)},` +
    `"partition":${partition},"offset":${offset},` +
    `"${name}":${JSON.stringify(text)}${length}${rest}`
  );
}
