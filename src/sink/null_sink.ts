import type { SessionSink, SideSink } from "./sink.ts";

/** Takes everything and keeps nothing. */
export class NullSink implements SessionSink, SideSink {
  async open(): Promise<void> {}
  async write(): Promise<void> {}
  async close(): Promise<void> {}
}
