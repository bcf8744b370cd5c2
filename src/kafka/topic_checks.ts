import type { Clock } from "../clock.ts";
import { WorldError } from "../errors.ts";
import { isNoAnswer } from "./client_trouble.ts";
import { CODES } from "./error_codes.ts";
import { errorOfCode, type SendCluster } from "./private/send_seam.ts";
import { readTopicState, type TopicState } from "./private/topic_seam.ts";
import type { SenderHealth } from "./sender_health.ts";
import type { TopicWriter } from "./topic_writer.ts";

/** How often topics are looked at, ms. */
const CHECK_MS = 30_000;
/** And where nobody else would notice that they, or the brokers, are away. */
const PROBE_MS = 5_000;

/** What the checks work with. */
export interface TopicChecksOptions {
  readonly cluster: SendCluster;
  readonly writers: readonly TopicWriter[];
  readonly health: SenderHealth;
  readonly clock: Clock;
  /** Brokers and topics are looked for also while nothing is written. */
  readonly isAlone?: boolean;
  /** Told of topics that have more partitions than before. */
  readonly warn: (text: string) => void;
}

/**
 * Sees to it, now and then, that topics are what they were, and that they may be
 * written to.
 */
export class TopicChecks {
  readonly #options: TopicChecksOptions;
  #isChecking = false;
  #endChecks: (() => void) | null = null;

  constructor(options: TopicChecksOptions) {
    this.#options = options;
  }

  /** Looks at the topics now and then, until `close`. */
  open(): void {
    const { clock, isAlone } = this.#options;
    const everyMs = isAlone ? PROBE_MS : CHECK_MS;
    this.#endChecks = clock.every(everyMs, () => this.#checkAll());
  }

  close(): void {
    this.#endChecks?.();
  }

  /** Looks at the topics, unless that is going on. Never rejects. */
  async #checkAll(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    for (const writer of this.#options.writers) await this.check(writer);
    this.#isChecking = false;
  }

  /** Looks at a topic, which fails when it cannot be written to. Never rejects. */
  async check(writer: TopicWriter): Promise<void> {
    if (writer.hasFailed) return;
    const { cluster, health, isAlone, warn } = this.#options;
    const answered = isAlone ? health.request() : null;
    try {
      // Brokers are known by their addresses alone until something is written.
      const pool = cluster.brokerPool;
      const isNew = pool.getNodeIds().length === 0;
      if (isNew) await pool.refreshMetadata([writer.topic]);
      // A topic that was made anew would take what is written without a word.
      const state = await checkIdentity(cluster, writer);
      if (state.mayWrite === false) {
        health.giveUp(writer, errorOfCode(CODES.topicForbidden));
        return;
      }
      const news = writer.see(state.partitionCount ?? 0);
      if (news !== null) warn(news);
      if (isAlone) this.#look(writer, state.exists);
    } catch (error) {
      if (error instanceof WorldError) health.giveUp(writer, error);
      // Other troubles are told when something is written.
      else if (isAlone && isNoAnswer(error)) health.unreachable(writer, error);
    } finally {
      answered?.();
    }
  }

  #look(writer: TopicWriter, exists: boolean): void {
    const { health } = this.#options;
    writer.missedChecks = exists ? 0 : writer.missedChecks + 1;
    if (writer.isMissing) health.missing(writer);
    health.check();
  }
}

/**
 * Throws a `WorldError` when the topic is not the one that it was: what was
 * written has gone with that.
 */
export async function checkIdentity(
  cluster: SendCluster,
  writer: TopicWriter,
): Promise<TopicState> {
  const state = await readTopicState(cluster, writer.topic);
  writer.id ??= state.id;
  if (state.id === null || writer.id === state.id) return state;
  throw new WorldError(
    "it was deleted and created anew, and what was written to it is gone; " +
      (writer.whenAnew ?? "start again to write to the new topic"),
  );
}
