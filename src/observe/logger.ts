import { type Logger, pino } from "pino";
import type { Terminal } from "./terminal.ts";
import { visibleText } from "./visible_text.ts";

export type { Logger } from "pino";

/** Levels of `--log-level`. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** What the log shows, and in which form. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly format: "text" | "json";
}

/** A log that writes to the terminal: lines for people, or JSON lines. */
export function createLogger(terminal: Terminal, options: LogOptions): Logger {
  const write =
    options.format === "json"
      ? (line: string) => terminal.write(line)
      : (line: string) => terminal.write(humanLine(line));
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
}

/** `14:03:22 warn  message (field=value …)` of one of pino's JSON lines. */
function humanLine(jsonLine: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(jsonLine) as {
    time: string;
    level: string;
    msg?: string;
    err?: { message: string; stack?: string };
  } & Record<string, unknown>;
  const details = Object.entries(fields).map(
    ([name, value]) => `${name}=${fieldText(value)}`,
  );
  if (err !== undefined && msg?.includes(err.message) !== true)
    details.push(`error=${fieldText(err.message)}`);
  const suffix = details.length === 0 ? "" : ` (${details.join(" ")})`;
  const clock = time.slice(11, 19);
  // What others have named or written is in it.
  const text = visibleText(`${msg ?? ""}${suffix}`);
  return `${clock} ${level.padEnd(5)} ${text}\n`;
}

function fieldText(value: unknown): string {
  const isWord = typeof value === "string" && /^[\w.:/+-]+$/.test(value);
  return isWord ? value : JSON.stringify(value);
}
