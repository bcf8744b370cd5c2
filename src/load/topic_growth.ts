import type { Admin } from "kafkajs";
import { WALL_CLOCK } from "../clock.ts";
import type { KafkaConfig } from "../config/config.ts";
import { connectOrFail, createKafka } from "../kafka/client.ts";

/** How often it is looked whether others write, ms. */
const WATCH_MS = 1_000;

/** Which topic, and from when on it is watched. */
export interface GrowthOptions {
  readonly kafka: KafkaConfig;
  readonly topic: string;
  /** Where each partition ended then. */
  readonly endOffsets: ReadonlyMap<number, number>;
  /** Visits that the load has made since, written or about to be. */
  readonly made: () => number;
}

/**
 * Tells what others write to the topic of a load, by what it has grown beyond the
 * load's own visits: that costs no reading, and misses nobody.
 */
export class TopicGrowth {
  readonly #options: GrowthOptions;
  readonly #admin: Admin;
  #isAsking = false;

  private constructor(options: GrowthOptions, admin: Admin) {
    this.#options = options;
    this.#admin = admin;
  }

  /** Throws a `WorldError` when the brokers are not to be reached. */
  static async open(options: GrowthOptions): Promise<TopicGrowth> {
    const { kafka } = options;
    const admin = createKafka(kafka, { retries: 1 }).admin();
    await connectOrFail(admin, kafka);
    return new TopicGrowth(options, admin);
  }

  /**
   * Records of others, at least; exactly when all visits of the load are in the
   * topic. Throws when the brokers do not say.
   */
  async foreignRecords(): Promise<number> {
    const { topic, endOffsets, made } = this.#options;
    const partitions = await this.#admin.fetchTopicOffsets(topic);
    let grown = 0;
    for (const { partition, high } of partitions) {
      grown += Number(high) - (endOffsets.get(partition) ?? 0);
    }
    // Asked behind the answer: what was made meanwhile may be in it.
    return Math.max(0, grown - made());
  }

  /** Tells soon when others write. Returns what ends that. */
  watch(onOthers: () => void): () => void {
    return WALL_CLOCK.every(WATCH_MS, () => {
      if (this.#isAsking) return;
      this.#isAsking = true;
      this.foreignRecords()
        .then((records) => {
          if (records > 0) onOthers();
        })
        // Brokers that do not answer now are asked again.
        .catch(() => {})
        .finally(() => {
          this.#isAsking = false;
        });
    });
  }

  async close(): Promise<void> {
    await this.#admin.disconnect().catch(() => {});
  }
}
