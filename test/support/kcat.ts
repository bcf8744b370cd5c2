import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A record as kcat shows it. */
export interface KcatRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  /** `name=value`, in order. */
  readonly headers: readonly string[];
}

/** What kcat puts between fields and records; no test's text has them. */
const FIELD_END = "\x1e";
const RECORD_END = "\x1f";

/**
 * Reads a topic from start to end with kcat, which is no part of kafkajs, and
 * lets it check every CRC. Null keys and values come as `NULL`.
 */
export async function readWithKcat(
  brokers: string,
  topic: string,
): Promise<KcatRecord[]> {
  const format = ["%p", "%o", "%k", "%h", "%s"].join(FIELD_END) + RECORD_END;
  const { stdout } = await run(
    "kcat",
    // biome-ignore format: one option and its value a line
    [
      "-b", brokers,
      "-t", topic,
      "-C", "-e", "-q", "-Z",
      "-X", "check.crcs=true",
      "-X", "isolation.level=read_committed",
      "-f", format,
    ],
    { maxBuffer: 1024 * 1024 * 1024 },
  );
  return stdout.split(RECORD_END).slice(0, -1).map(parseRecord);
}

function parseRecord(text: string): KcatRecord {
  const [partition, offset, key, headers, value] = text.split(FIELD_END);
  return {
    partition: Number(partition),
    offset: Number(offset),
    key: key!,
    value: value!,
    headers: headers === "" ? [] : headers!.split(","),
  };
}
