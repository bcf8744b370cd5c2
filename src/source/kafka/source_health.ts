import { WALL_CLOCK } from "../../clock.ts";
import type { KafkaConfig } from "../../config/config.ts";
import { AnswerWatch } from "../../kafka/answer_watch.ts";
import { brokerOutage, type Outage } from "../../kafka/outage.ts";
import { PartStory } from "../../kafka/part_story.ts";

/** What a source's troubles are told by. */
export interface SourceHealthOptions {
  readonly topic: string;
  readonly kafka: KafkaConfig;
  /** The story of the brokers, if others tell it too. */
  readonly outage?: Outage | undefined;
  readonly warn: (text: string) => void;
}

/** Tells the story of a source's troubles: reading, and being in its group. */
export class SourceHealth {
  readonly #reading: PartStory;
  readonly #group: PartStory;
  readonly #fetches: AnswerWatch;
  readonly #heartbeats: AnswerWatch;
  #endBeat: (() => void) | null = null;

  /** Watches until `close`. */
  constructor({ topic, kafka, outage, warn }: SourceHealthOptions) {
    const clock = WALL_CLOCK;
    const { group } = kafka;
    const brokers = outage ?? brokerOutage(kafka.brokers, { clock, warn });
    const common = { brokers, warn, clock };
    this.#reading = new PartStory({
      ...common,
      part: "reading",
      what: `Cannot read topic "${topic}" now`,
      again: `Topic "${topic}" is read again`,
    });
    this.#group = new PartStory({
      ...common,
      part: "group",
      isSlow: true,
      what: `Cannot stay in group "${group}"`,
      again: `In group "${group}" again`,
    });
    this.#fetches = new AnswerWatch({ brokers, clock, part: "fetches" });
    this.#heartbeats = new AnswerWatch({
      brokers,
      clock,
      part: "heartbeats",
      isSlow: true,
    });
  }

  /** A fetch goes out; to be called when it is answered, or has failed. */
  fetch(): () => void {
    return this.#fetches.request();
  }

  /** Partitions cannot be read for now. */
  cannotRead(error: unknown): void {
    this.#reading.trouble(error);
  }

  /** All owned partitions are read. */
  reads(): void {
    this.#reading.well();
  }

  /** The group was lost, or could not be joined. */
  cannotStay(error: unknown): void {
    this.endBeats();
    this.#group.trouble(error);
  }

  /** The group was joined. */
  joined(): void {
    this.#group.well();
    this.beat();
  }

  /** A heartbeat was answered: another is to come soon. */
  beat(): void {
    this.endBeats();
    this.#endBeat = this.#heartbeats.request();
  }

  /** No heartbeat is to come for now. */
  endBeats(): void {
    this.#endBeat?.();
    this.#endBeat = null;
  }

  close(): void {
    this.#fetches.close();
    this.#heartbeats.close();
    this.#reading.leave();
    this.#group.leave();
  }
}
