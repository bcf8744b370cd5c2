import type { KafkaConfig } from "./config.ts";

/** Whose state it is, and where. */
export interface StatePlace {
  readonly kafka: Pick<KafkaConfig, "brokers" | "group" | "securityFile">;
  /** The topic that is read. */
  readonly topic: string;
  readonly windowLog: string;
}

/** The command that does this with the state, for a message: to be pasted into a shell. */
export function stateCommand(
  what: "verify" | "reset",
  { kafka, topic, windowLog }: StatePlace,
): string {
  const { brokers, group, securityFile = null } = kafka;
  const values = [
    ...["--from", `kafka:${topic}`, "--brokers", brokers.join(",")],
    ...(securityFile === null ? [] : ["--kafka-config", securityFile]),
    ...["--group", group, "--window-log", windowLog],
  ];
  return `sessionmill state ${what} ${values.map(shellText).join(" ")}`;
}

/** As a shell takes it for one word. */
function shellText(value: string): string {
  if (/^[\w@%+=:,./-]+$/.test(value)) return value;
  return `'${value.replaceAll("'", "'\\''")}'`;
}
