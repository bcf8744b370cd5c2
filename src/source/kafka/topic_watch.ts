import { wallClockMs } from "../../clock.ts";
import { WorldError } from "../../errors.ts";
import { isErrorType } from "../../kafka/client.ts";
import type { FetchCluster } from "../../kafka/private/fetch_seam.ts";
import { readTopicState } from "../../kafka/private/topic_seam.ts";

/**
 * How long a topic may be missing, ms: brokers that have just started, or have
 * not heard of a change yet, may know less than there is.
 */
const GONE_GRACE_MS = 5_000;

/**
 * Keeps the metadata of a topic fresh, and tells the topic from another one of
 * the same name by its id. Brokers before Kafka 2.8 know no ids: with them all
 * topics of one name are the same.
 */
export class TopicWatch {
  readonly #cluster: FetchCluster;
  readonly #topic: string;
  readonly #pastIds = new Set<string>();
  #id: string | null = null;
  #missingSinceMs: number | null = null;

  constructor(cluster: FetchCluster, topic: string) {
    this.#cluster = cluster;
    this.#topic = topic;
  }

  /** The topic's id, null when it is not known. */
  get id(): string | null {
    return this.#id;
  }

  /**
   * Loads the metadata anew; true when the name now belongs to another topic
   * than before. Throws a `WorldError` when the topic is gone for good.
   */
  async refresh(): Promise<boolean> {
    if (!(await this.#exists())) {
      this.#noteMissing(wallClockMs());
      throw new Error("it is not there now");
    }
    const { exists, id } = await readTopicState(this.#cluster, this.#topic);
    if (!exists) {
      this.#noteMissing(wallClockMs());
      throw new Error("it is not there now");
    }
    this.#missingSinceMs = null;
    return this.#take(id);
  }

  async #exists(): Promise<boolean> {
    try {
      await this.#cluster.refreshMetadata();
      return true;
    } catch (error) {
      if (isErrorType(error, "UNKNOWN_TOPIC_OR_PARTITION")) return false;
      throw error;
    }
  }

  #take(id: string | null): boolean {
    const before = this.#id;
    if (id === null || id === before) return false;
    if (this.#pastIds.has(id)) {
      throw new Error("a broker still knows the topic that was deleted");
    }
    this.#id = id;
    if (before === null) return false;
    this.#pastIds.add(before);
    return true;
  }

  #noteMissing(nowMs: number): void {
    this.#missingSinceMs ??= nowMs;
    if (nowMs - this.#missingSinceMs < GONE_GRACE_MS) return;
    const name = `topic "${this.#topic}"`;
    throw new WorldError(`Cannot read ${name} any further: it was deleted`);
  }
}
