import { once } from "node:events";
import { kafkaConfigOf } from "../config/kafka_config.ts";
import { topicFault, topicOf } from "../config/place_types.ts";
import type { TAIL_OPTIONS } from "../config/tail_options.ts";
import { UsageError, WorldError } from "../errors.ts";
import { createLogger, type Logger } from "../observe/logger.ts";
import { thingsText } from "../observe/number_text.ts";
import { RateLimitedWarning } from "../observe/rate_limited_warning.ts";
import { type TextStyle, textStyle } from "../observe/text_style.ts";
import { type FollowedRecord, followTopic } from "../tail/follow_topic.ts";
import { recordJson, sessionOf } from "../tail/session_record.ts";
import { SessionTable } from "../tail/session_table.ts";
import type { CommandCall } from "./command.ts";
import { openTerminal } from "./open_terminal.ts";
import { tellOfWaits } from "./stop_notice.ts";
import { logOptionsOf } from "./supervise_run.ts";
import type { World } from "./world.ts";

type TailCall = CommandCall<typeof TAIL_OPTIONS>;

/** Width of a terminal that does not tell it. */
const USUAL_COLUMNS = 80;
/** A topic that nothing comes from is spoken of after this, ms. */
const WAIT_NOTICE_MS = 3_000;

/** Does the work of `sessionmill tail`; resolves to the exit code. */
export async function tailSessions(call: TailCall): Promise<number> {
  const { argument, values, world } = call;
  const topic = topicOf(argument)?.topic;
  if (topic === undefined) {
    const fault = topicFault(argument);
    throw new UsageError(
      `Cannot read the command line: the topic of the sessions must be "kafka:TOPIC", got "${argument}"${fault === undefined ? "" : `: ${fault}`}`,
    );
  }
  const log = logOf(call);
  tellOfWaits(world, log);
  const ending = new AbortController();
  const signal = AbortSignal.any([world.stopSignal, ending.signal]);
  const printer = new Printer(call, log);
  const security = { ...values, "create-topics": false };
  let notice: NodeJS.Timeout | undefined;
  const records = followTopic({
    kafka: await kafkaConfigOf(security, "tail", world.stopSignal),
    ...{ topic, signal, log },
    from: values["from-beginning"] ? "earliest" : "latest",
    onBegin() {
      const tell = () => log.info(waitText(topic, values["from-beginning"]));
      notice = setTimeout(tell, WAIT_NOTICE_MS);
    },
    // What comes later says nothing about what the topic is of.
    ...(values["from-beginning"] && { onCaughtUp: () => printer.judge() }),
  });
  try {
    for await (const some of records) {
      clearTimeout(notice);
      await printer.print(some, signal);
      if (printer.isDone) ending.abort();
      if (signal.aborted) break;
    }
  } finally {
    clearTimeout(notice);
    printer.end();
  }
  return 0;
}

function waitText(topic: string, isFromBeginning: boolean): string {
  const hint = isFromBeginning
    ? "nothing is there yet"
    : "--from-beginning shows what is there already";
  return `waiting for sessions in topic "${topic}": ${hint}`;
}

/** Puts the sessions among records out, as many as are wanted. */
class Printer {
  readonly #values: TailCall["values"];
  readonly #stdout: World["stdout"];
  readonly #style: TextStyle;
  #table: SessionTable;
  /** Characters of a line that it was made for; null: as many as it takes. */
  #room: number | null;
  readonly #warning: RateLimitedWarning;
  readonly #topic: string;
  #left: number;
  #sessions = 0;
  #others = 0;
  #hasHeader: boolean;

  constructor({ values, world, argument }: TailCall, log: Logger) {
    const { stdout, environment } = world;
    const isTTY = stdout.isTTY === true;
    this.#values = values;
    this.#stdout = stdout;
    this.#topic = argument;
    this.#style = textStyle({ environment, isTTY });
    this.#room = roomOf(stdout);
    this.#table = new SessionTable(this.#room, this.#style);
    this.#warning = new RateLimitedWarning(log);
    this.#left = values.limit ?? Infinity;
    this.#hasHeader = !isTTY || values.json;
  }

  /** True when all that was asked for is put out. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  async print(
    records: readonly FollowedRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#fit();
    const lines: string[] = [];
    for (const record of records) {
      if (this.isDone) break;
      const line = this.#lineOf(record);
      if (line === null) continue;
      lines.push(`${line}\n`);
      this.#left--;
    }
    if (lines.length === 0) return;
    if (!this.#hasHeader) lines.unshift(`${this.#table.header()}\n`);
    this.#hasHeader = true;
    if (this.#stdout.write(lines.join(""))) return;
    // A reader that went away, or Ctrl-C, is the end of it.
    await once(this.#stdout, "drain", { signal }).catch(() => {});
  }

  end(): void {
    this.#warning.flush();
  }

  /**
   * All that is there has been seen. Throws a `WorldError` where none of it is a
   * session, and so many are waited for: they will hardly come.
   */
  judge(): void {
    this.#warning.flush();
    if (this.#values.limit === null) return;
    if (this.#sessions > 0 || this.#others === 0) return;
    const records = thingsText(this.#others, "record");
    throw new WorldError(
      `Cannot show ${thingsText(this.#left, "session")} of ${this.#topic}: none of its ${records} is a session, expected the topic that a job writes`,
    );
  }

  /** The terminal may have another width than before. */
  #fit(): void {
    const room = roomOf(this.#stdout);
    if (room === this.#room) return;
    this.#room = room;
    this.#table = new SessionTable(room, this.#style);
  }

  #lineOf(record: FollowedRecord): string | null {
    const session = sessionOf(record);
    if (typeof session === "string") {
      const { partition, offset } = record;
      const text = `a record of ${this.#topic} is no session: ${session}`;
      this.#warning.warn(text, { partition, offset });
      this.#others++;
      return null;
    }
    this.#sessions++;
    const { filter, json } = this.#values;
    if (filter !== null && session.visitId !== filter) return null;
    return json ? recordJson(record) : this.#table.line(session);
  }
}

function roomOf({ isTTY, columns }: World["stdout"]): number | null {
  return isTTY === true ? (columns || USUAL_COLUMNS) - 1 : null;
}

function logOf({ world, values }: TailCall): Logger {
  const log = logOptionsOf(values);
  const wish = { mode: "off", log, usesStdout: true } as const;
  return createLogger(openTerminal(world, wish).terminal, log);
}
