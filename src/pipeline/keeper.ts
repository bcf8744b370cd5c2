import type { PassedBarrier } from "../fleet/barriers.ts";
import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { Chunk } from "../record/chunk.ts";
import type { Source } from "../source/source.ts";
import type { Assigned, Assignment, AssignmentChange } from "./assignment.ts";
import type { OutputGate } from "./commit_gate.ts";
import type { Outputs } from "./outputs.ts";
import type { RunMeters } from "./run_meters.ts";

/** Where partitions begin, and what is kept of them for whoever goes on. */
export interface Keeper {
  /** When reports go to the outputs; null: at once. */
  readonly gate: OutputGate | null;
  /** Windows come back: no visits are read. */
  readonly isRestoring: boolean;
  /** Takes a new assignment: its partitions begin. */
  assigned(event: Assigned): Promise<AssignmentChange>;
  /** A chunk is dealt. */
  dealt(chunk: Chunk): void;
  /** All shards have passed the barrier of a commit. */
  passed(commit: number, passed: PassedBarrier): void;
  /** What a failure of the shards is, to be told. */
  failure(error: unknown): unknown;
  /** All that was read is applied and put out: no more is to come. */
  finish(): Promise<void>;
  /** Gives up what it does by and by. */
  close(): void;
}

/** Resolves when all that was read is applied, and all output written. */
export async function rest(dispatcher: Dispatcher): Promise<void> {
  dispatcher.expectRecords(false);
  dispatcher.pump();
  await dispatcher.quiet();
}

/** What keepers work with. */
export interface KeeperFlow {
  readonly source: Source;
  readonly assignment: Assignment;
  readonly dispatcher: Dispatcher;
  readonly meters: RunMeters;
  readonly outputs: Outputs;
  /** The run cannot go on. */
  fail(error: unknown): void;
}

/** Keeps nothing: partitions are read from their start. */
export class NoKeeper implements Keeper {
  readonly gate = null;
  readonly isRestoring = false;
  readonly #flow: KeeperFlow;

  constructor(flow: KeeperFlow) {
    this.#flow = flow;
  }

  /**
   * A session goes with the partition in its id, also one that is out: had it
   * visits of others too, those are read again, or they were lost.
   */
  async assigned(event: Assigned): Promise<AssignmentChange> {
    const { source, assignment, dispatcher, meters } = this.#flow;
    const takesWindows = assignment.takesWindows(event);
    // What is under way may still join visits of several partitions.
    if (takesWindows) await rest(dispatcher);
    else await dispatcher.dealer.handedOn();
    const isAnew = takesWindows && meters.tally.gauge("mixedSessions") > 0;
    const restarted = isAnew ? event.partitions : event.restarted;
    const change = assignment.assign({ ...event, restarted });
    for (const each of change.gained) source.begin(each, "earliest");
    return change;
  }

  dealt(): void {}

  passed(): void {}

  failure(error: unknown): unknown {
    return error;
  }

  async finish(): Promise<void> {}

  close(): void {}
}
