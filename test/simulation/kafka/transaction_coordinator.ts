import { KafkaError } from "./kafka_error.ts";
import type { Producer } from "./model_partition.ts";

/** What a transaction spans: a partition, or the offsets of a group. */
export interface Participant {
  endTransaction(producer: Producer, isCommit: boolean): void;
}

/** What the coordinator needs of the model around it. */
export interface CoordinatorWorld {
  nowMs(): number;
  /** Does it some time later, when the brokers are there. */
  writeLater(place: string, write: () => void): void;
  /** What is at a place: `topic/partition` or a group; null: no more. */
  participant(place: string): Participant | null;
}

/** A producer with the transactional id in whose name it asks. */
export interface TransactionalProducer extends Producer {
  readonly transactionalId: string;
}

type State = "empty" | "ongoing" | "ending" | "ended";

/** What is known of a transactional id. */
interface Transactional {
  readonly producerId: number;
  epoch: number;
  timeoutMs: number;
  state: State;
  /** How the last transaction ended, or is to end. */
  isCommit: boolean;
  startedAtMs: number;
  readonly places: Set<string>;
}

/** The coordinator of all transactional ids, as brokers of version 4.1 do it. */
export class TransactionCoordinator {
  readonly #world: CoordinatorWorld;
  readonly #byId = new Map<string, Transactional>();
  #nextProducerId = 1000;

  constructor(world: CoordinatorWorld) {
    this.#world = world;
  }

  /** Transactional ids whose transaction has not ended in all places. */
  get open(): readonly string[] {
    return [...this.#byId]
      .filter(([, { state }]) => state === "ongoing" || state === "ending")
      .map(([id]) => id);
  }

  /** Fences whoever had the id before, and aborts its transaction. */
  initProducerId(transactionalId: string, timeoutMs: number): Producer {
    let known = this.#byId.get(transactionalId);
    if (known === undefined) {
      known = {
        producerId: this.#nextProducerId++,
        epoch: -1,
        timeoutMs,
        state: "empty",
        isCommit: false,
        startedAtMs: 0,
        places: new Set(),
      };
      this.#byId.set(transactionalId, known);
    }
    if (known.state === "ongoing") this.#abort(known);
    if (known.state === "ending") {
      throw new KafkaError("CONCURRENT_TRANSACTIONS");
    }
    known.epoch++;
    known.timeoutMs = timeoutMs;
    known.state = "empty";
    return { producerId: known.producerId, producerEpoch: known.epoch };
  }

  /** Takes partitions, or a group's offsets, into the transaction. */
  add(producer: TransactionalProducer, places: readonly string[]): void {
    const known = this.#checked(producer);
    if (known.state === "ending") {
      throw new KafkaError("CONCURRENT_TRANSACTIONS");
    }
    if (known.state !== "ongoing") {
      known.state = "ongoing";
      known.startedAtMs = this.#world.nowMs();
      known.places.clear();
    }
    for (const place of places) known.places.add(place);
  }

  /** Throws unless the place is in the producer's open transaction. */
  verify(producer: TransactionalProducer, place: string): void {
    const { state, places } = this.#checked(producer);
    if (state === "ending") throw new KafkaError("CONCURRENT_TRANSACTIONS");
    if (state !== "ongoing" || !places.has(place)) {
      throw new KafkaError("INVALID_TXN_STATE");
    }
  }

  /** Decides the transaction; its markers come later. */
  endTxn(producer: TransactionalProducer, isCommit: boolean): void {
    const known = this.#checked(producer);
    if (known.state === "ongoing") {
      this.#end(known, isCommit);
      return;
    }
    if (known.state === "empty" || known.isCommit !== isCommit) {
      throw new KafkaError("INVALID_TXN_STATE");
    }
    if (known.state === "ending") {
      throw new KafkaError("CONCURRENT_TRANSACTIONS");
    }
  }

  /** Aborts what takes longer than it said. */
  tick(): void {
    const nowMs = this.#world.nowMs();
    for (const known of this.#byId.values()) {
      const { state, startedAtMs, timeoutMs } = known;
      if (state === "ongoing" && nowMs - startedAtMs > timeoutMs) {
        this.#abort(known);
      }
    }
  }

  #checked(producer: TransactionalProducer): Transactional {
    const known = this.#byId.get(producer.transactionalId);
    if (known?.producerId !== producer.producerId) {
      throw new KafkaError("INVALID_PRODUCER_ID_MAPPING");
    }
    if (known.epoch !== producer.producerEpoch) {
      throw new KafkaError("INVALID_PRODUCER_EPOCH");
    }
    return known;
  }

  /** Aborts in the name of the next epoch: the producer is fenced by it. */
  #abort(known: Transactional): void {
    known.epoch++;
    this.#end(known, false);
  }

  #end(known: Transactional, isCommit: boolean): void {
    const { producerId, epoch, places } = known;
    known.state = "ending";
    known.isCommit = isCommit;
    let left = places.size;
    if (left === 0) known.state = "ended";
    const producer = { producerId, producerEpoch: epoch };
    for (const place of places) {
      this.#world.writeLater(place, () => {
        this.#world.participant(place)?.endTransaction(producer, isCommit);
        if (--left === 0) known.state = "ended";
      });
    }
  }
}
