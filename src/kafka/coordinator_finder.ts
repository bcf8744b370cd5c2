import type { BrokerPool, SendBroker } from "./private/send_seam.ts";
import {
  type CodeAnswer,
  type CoordinatorKey,
  findCoordinator,
} from "./private/transaction_seam.ts";

/** What coordinators are found with. */
export interface CoordinatorFinderOptions {
  readonly pool: BrokerPool;
  /** Brokers are found by its metadata. */
  readonly topic: string;
}

/** Knows which broker a coordinator is, once it was asked for. */
export class CoordinatorFinder {
  readonly #options: CoordinatorFinderOptions;
  /** Node ids by kind and name. */
  readonly #nodes = new Map<string, number>();

  constructor(options: CoordinatorFinderOptions) {
    this.#options = options;
  }

  /**
   * The coordinator, connected; or the code with which it was refused. Throws
   * what kafkajs throws.
   */
  async find(
    key: CoordinatorKey,
  ): Promise<{ readonly broker: SendBroker } | CodeAnswer> {
    const { pool, topic } = this.#options;
    let node = this.#nodes.get(nameOf(key));
    if (node === undefined) {
      const any = await pool.findConnectedBroker();
      const { errorCode, nodeId } = await findCoordinator(any, key);
      if (errorCode !== 0) return { errorCode };
      node = nodeId;
      if (!pool.getNodeIds().includes(String(node))) {
        // The topic may not be there yet: then those of all topics are asked.
        await pool
          .refreshMetadata([topic])
          .catch(() => pool.refreshMetadata([]));
      }
      this.#nodes.set(nameOf(key), node);
    }
    return { broker: await pool.findBroker({ nodeId: String(node) }) };
  }

  /** It has moved, or does not answer: it is looked for again next time. */
  forget(key: CoordinatorKey): void {
    this.#nodes.delete(nameOf(key));
  }
}

function nameOf({ kind, name }: CoordinatorKey): string {
  return `${kind} ${name}`;
}
