import { basename } from "node:path";
import type { KafkaBroker } from "../../docker/local_kafka/kafka_broker.ts";
import { type Peer, preparePeer } from "../peers/peers.ts";
import { checkoutOf } from "./bench_options.ts";
import { drainOurs } from "./drain_run.ts";
import {
  type Checkout,
  type KafkaRun,
  type OurRunOptions,
  runOurs,
  runTheirs,
} from "./kafka_runs.ts";

/** Ours, when it promises nothing: what a guarantee is measured against. */
export const UNGUARDED = "unguarded";

/** Who runs in turn with us. */
export type Opponent = Peer | Checkout | typeof UNGUARDED;

/** How a run promises something, beside topics and options. */
export interface GuardedRunOptions extends OurRunOptions {
  readonly guarantee: string;
}

/** The opponent of this name; where none is, us without the guarantee. */
export async function opponentOf(
  name: string | null,
  guarantee: string,
): Promise<Opponent | null> {
  if (name === null) return guarantee === "none" ? null : UNGUARDED;
  if (name !== "flink" && name !== "kafkajs") {
    return { folder: checkoutOf("peer", name, "flink, kafkajs or ") };
  }
  await preparePeer(name);
  return name;
}

/** What tables and files call an opponent. */
export function opponentName(opponent: Opponent | null): string {
  if (opponent === null || typeof opponent === "string") {
    return String(opponent);
  }
  return basename(opponent.folder);
}

/** Our run over a topic: bounded, or draining it where something is promised. */
export function runGuarded(
  broker: KafkaBroker,
  { guarantee, ...run }: GuardedRunOptions,
): Promise<KafkaRun> {
  if (guarantee === "none") return runOurs(broker, run);
  return drainOurs(broker, { ...run, guarantee });
}

/** The same by an opponent. */
export function runOpponent(
  opponent: Opponent,
  broker: KafkaBroker,
  run: GuardedRunOptions,
): Promise<KafkaRun> {
  if (opponent === UNGUARDED) {
    return drainOurs(broker, { ...run, guarantee: "none" });
  }
  if (typeof opponent === "string") return runTheirs(opponent, broker, run);
  return runGuarded(broker, { ...run, checkout: opponent.folder });
}
