import type { ExistingFile, KafkaConfig } from "../config/config.ts";
import type { RecordFrame } from "./record_frame.ts";

/** Takes generated records. */
export interface RecordSink {
  /** Connects and checks. Throws a `WorldError` when the world is not ready. */
  open(): Promise<void>;
  /**
   * Writes the records of a frame, in call order; resolves when the frame may
   * be filled anew and the sink can take more.
   */
  write(frame: RecordFrame): Promise<void>;
  /** Waits for all writes to be acknowledged, then closes. */
  close(): Promise<void>;
}

/** How sinks for records are reached and opened. */
export interface RecordSinkOptions {
  readonly kafka: KafkaConfig;
  /** Takes what a sink has to say of its troubles. */
  readonly warn: (text: string) => void;
  readonly existingFile: ExistingFile;
  /** Ends the wait for the reader of a FIFO, and soon that for a broker. */
  readonly signal: AbortSignal;
}
