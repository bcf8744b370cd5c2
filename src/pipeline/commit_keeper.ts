import { RecoverableError } from "../errors.ts";
import type { PassedBarrier } from "../fleet/barriers.ts";
import type { Logger } from "../observe/logger.ts";
import { countText, elapsedText, thingsText } from "../observe/number_text.ts";
import type { Chunk } from "../record/chunk.ts";
import type { PartitionState } from "../watermark/partition_state.ts";
import type { Assigned, AssignmentChange } from "./assignment.ts";
import type { CommitGate } from "./commit_gate.ts";
import { type CommitParts, Commits } from "./commits.ts";
import { type Keeper, type KeeperFlow, rest } from "./keeper.ts";
import type { Ledger } from "./ledger.ts";
import { Positions } from "./positions.ts";
import { restoredTime, restoreFailure, restoreWindows } from "./restore.ts";
import type { RestoreWorld } from "./restore_world.ts";
import { TopicLosses } from "./topic_losses.ts";

/** What a keeper that commits works with, beside the flow. */
export interface CommitKeeperParts
  extends Omit<
      CommitParts,
      "dispatcher" | "gate" | "positions" | "progress" | "stateOf"
    >,
    Omit<RestoreWorld, "restore" | "clear" | "warn"> {
  /** Partitions that the window log has. */
  readonly logPartitions: number;
  /** When the life before failed, ms; null: there was none. */
  readonly failedAtMs: number | null;
  readonly info: Logger;
}

/**
 * Partitions begin where they were committed last, with the windows of then, and
 * all that comes of them is committed now and then.
 */
export class CommitKeeper implements Keeper {
  readonly gate: CommitGate;
  isRestoring = false;
  readonly #flow: KeeperFlow;
  readonly #parts: CommitKeeperParts;
  readonly #positions = new Positions();
  readonly #commits: Commits;
  /** The assignment that is being taken. */
  #taking: Promise<unknown> = Promise.resolve();
  #failedAtMs: number | null;
  /** Of the assignment before; null for none. */
  #topicId: string | null = null;

  constructor(flow: KeeperFlow, gate: CommitGate, parts: CommitKeeperParts) {
    const { source, dispatcher, assignment } = flow;
    this.gate = gate;
    this.#flow = flow;
    this.#parts = parts;
    this.#failedAtMs = parts.failedAtMs;
    this.#commits = new Commits({
      ...parts,
      ...{ dispatcher, gate, positions: this.#positions },
      progress: () => source.partitions(),
      stateOf: (partition) => assignment.stateOf(partition),
    });
    source.onRejoin?.(() => this.#beforeRejoin());
  }

  /** All windows go, and those of the partitions come back from the log. */
  async assigned(event: Assigned): Promise<AssignmentChange> {
    this.isRestoring = true;
    const taking = this.#take(event);
    this.#taking = taking.catch(() => {});
    const change = await taking;
    this.isRestoring = false;
    return change;
  }

  dealt(chunk: Chunk): void {
    this.#positions.dealt(chunk);
    this.#commits.dealt();
  }

  passed(commit: number, passed: PassedBarrier): void {
    this.#commits.passed(commit, passed);
  }

  failure(error: unknown): unknown {
    return restoreFailure(error, this.#parts);
  }

  async finish(): Promise<void> {
    await this.#commits.last();
    // What is still held comes again from the windows that were committed.
    this.gate.drop();
    await rest(this.#flow.dispatcher);
  }

  close(): void {
    this.#commits.close();
  }

  async #take(event: Assigned): Promise<AssignmentChange> {
    const { source, assignment, dispatcher } = this.#flow;
    const { clock, info } = this.#parts;
    const { partitions, topicId, voided = [] } = event;
    const beganAtMs = clock.nowMs();
    await this.#commits.halt();
    this.gate.drop();
    if (this.gate.isAhead) {
      throw new RecoverableError(
        "Cannot go on: the partitions are given out anew, and what was put out " +
          "since the last commit is void",
      );
    }
    await rest(dispatcher);
    this.#checkLogPartitions(partitions);
    const losses = new TopicLosses(this.#flow.meters.tally);
    dispatcher.clear();
    const restored = await restoreWindows(
      { partitions, topicId, voided },
      {
        ...this.#parts,
        warn: (text) => info.warn(text),
        restore: (chunk) => dispatcher.restore(chunk, this.#parts.logTopic),
        clear: () => {
          losses.note();
          dispatcher.clear();
        },
      },
    ).catch((error) => {
      throw this.failure(error);
    });
    const isOther = this.#topicId !== null && this.#topicId !== topicId;
    if (isOther) losses.note();
    this.#topicId = topicId;
    await this.#tellLosses(losses);
    const ledgers = new Map(
      restored.map(({ ledger }) => [ledger.partition, ledger]),
    );
    this.#tellRestored(ledgers, beganAtMs);
    const { seat } = event;
    if (seat === null) {
      throw new Error("Cannot commit: the source is in no group");
    }
    const { transactionalId, logTopic } = this.#parts;
    const claimed = restored.filter(
      ({ ledger, by }) => ledger.offset !== null && by !== transactionalId,
    );
    if (claimed.length > 0) {
      // From here on the next owner knows whose open transaction to end.
      const offsets = claimed.map(({ ledger }) =>
        ledger.committing(transactionalId, logTopic),
      );
      await this.#parts.commit(offsets, seat);
    }
    this.gate.open();
    const change = assignment.resume(event, {
      time: restoredTime(ledgers.values()),
      states: statesOf(ledgers),
    });
    this.#positions.begin(offsetsOf(ledgers));
    this.#commits.begin({ seat, topicId, ledgers });
    for (const { partition, offset } of ledgers.values()) {
      source.begin(partition, offset ?? "earliest");
    }
    return change;
  }

  /** The seat of now counts until this resolves: what there is, is committed. */
  async #beforeRejoin(): Promise<void> {
    await this.#taking;
    // What comes behind it is read again by whoever owns it then.
    await this.#commits.last();
  }

  #checkLogPartitions(partitions: readonly number[]): void {
    const { logPartitions, logTopic, topic } = this.#parts;
    if (partitions.every((each) => each < logPartitions)) return;
    throw new RecoverableError(
      `Topic "${topic}" has more partitions than its window log "${logTopic}", ` +
        `which has ${logPartitions}: it has to grow`,
    );
  }

  async #tellLosses(losses: TopicLosses): Promise<void> {
    if (!losses.areThere) return;
    // The shards have told of them then.
    await rest(this.#flow.dispatcher);
    const { visits } = losses;
    if (visits === 0) return;
    const { info, topic } = this.#parts;
    this.#flow.meters.droppedForGood += visits;
    info.warn(
      `${thingsText(visits, "visit")} in open sessions of the topic "${topic}" ` +
        "that was deleted are dropped: nobody can read them again",
    );
  }

  #tellRestored(ledgers: ReadonlyMap<number, Ledger>, beganAtMs: number): void {
    const { clock, info, meters, topic } = this.#parts;
    const nowMs = clock.nowMs();
    const sessions = this.#flow.meters.tally.gauge("openSessions");
    meters.count("restores", ledgers.size);
    meters.count("restoredSessions", sessions);
    meters.time("restore", nowMs - beganAtMs);
    const failedAtMs = this.#failedAtMs;
    this.#failedAtMs = null;
    const since =
      failedAtMs === null
        ? ""
        : `, ${elapsedText(nowMs - failedAtMs)} after the failure`;
    const offsets = Object.fromEntries(offsetsOf(ledgers));
    info.info(
      { topic, sessions, offsets },
      `${countText(sessions)} open sessions of ${thingsText(ledgers.size, "partition")} came ` +
        `back in ${elapsedText(nowMs - beganAtMs)}${since}`,
    );
  }
}

function offsetsOf(ledgers: ReadonlyMap<number, Ledger>) {
  const offsets = new Map<number, number>();
  for (const { partition, offset } of ledgers.values()) {
    if (offset !== null) offsets.set(partition, offset);
  }
  return offsets;
}

function statesOf(ledgers: ReadonlyMap<number, Ledger>) {
  const states = new Map<number, PartitionState>();
  for (const { partition, mark } of ledgers.values()) {
    if (mark !== null) states.set(partition, mark.state);
  }
  return states;
}
