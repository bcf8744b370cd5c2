import type { Storm } from "./storm.ts";
import type { StormOptions } from "./storm_options.ts";

/** How much of everything a storm does. */
export interface StormScale {
  /** Deaths in a scenario that counts them. */
  readonly kills: number;
  /** Numbers of workers that lives take in turn. */
  readonly workers: readonly number[];
}

/** Something that is done to a job while visits come in. */
export interface StormScenario {
  readonly name: string;
  /** One line for people. */
  readonly says: string;
  /** What differs from the usual load. */
  readonly load?: Partial<
    Pick<
      StormOptions,
      "partitions" | "poisonPercent" | "isScattered" | "userBytes"
    >
  >;
  /** Two brokers, with two replicas of everything. */
  readonly isReplicated?: true;
  /** Leaves a process alive that can go on to the end. */
  act(storm: Storm, scale: StormScale): Promise<void>;
}
