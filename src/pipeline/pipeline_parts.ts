import type { Clock } from "../clock.ts";
import type { Durability, WindowConfig } from "../config/config.ts";
import type { ShardRunner } from "../fleet/dispatcher_parts.ts";
import type { Logger } from "../observe/logger.ts";
import type { Progress, RunSummary } from "../observe/run_summary.ts";
import type { RunView } from "../observe/run_view.ts";
import type { ShardOptions } from "../shard/shard_options.ts";
import type { Source } from "../source/source.ts";
import type { AssignmentChange } from "./assignment.ts";
import type { CommitGate } from "./commit_gate.ts";
import type { Keeper, KeeperFlow } from "./keeper.ts";
import type { LiveView } from "./live_view.ts";
import type { Outputs } from "./outputs.ts";
import type { RunMeters } from "./run_meters.ts";

/** What a run is told. */
export interface PipelineSettings {
  /** A partition that is silent for so long is idle; 0: never. */
  readonly idleTimeoutMs: number;
  readonly maxInFlightBytes: number;
  /** Records that are not scanned once for all shards; left out: as the fleet has it. */
  readonly sharedRecordsMax?: number;
  /** What a shard owns; `visit_id` when left out. */
  readonly routeBy?: "visit_id" | "key";
  /** How far a visit may be behind, and ahead; null: any time is taken. */
  readonly window: Pick<WindowConfig, "outOfOrdernessMs" | "maxSkewMs">;
  /** Folder for `.hgrm` and `.hlog` files, null for none. */
  readonly histograms: string | null;
  /** What becomes of such files that are there. */
  readonly existingFile: "refuse" | "overwrite" | "append";
  /** How a run that commits begins again; null or left out: it does not. */
  readonly durability?: Pick<Durability, "shardTimeoutMs"> | null;
}

/** The shards, in threads that have been started. */
export interface Fleet extends ShardRunner {
  /** Makes the shards; resolves when all can be given tasks. */
  ready(options: readonly ShardOptions[]): Promise<void>;
  /** Ends the shards, and the tasks that they still have. */
  destroy(): Promise<void>;
}

/** What keeps the windows of a run, for the next one to go on with. */
export interface Durable {
  /** Ends what an earlier life has left: before anything is read. */
  open(): Promise<void>;
  /** Opens the window log, for an input of so many partitions. */
  openLog(inputPartitions: number): Promise<void>;
  /** What sorts the reports of so many shards by commits. */
  gate(shardCount: number): CommitGate;
  /** What restores and commits. */
  keeper(flow: KeeperFlow, gate: CommitGate): Keeper;
  /** Ends what is open as void. */
  close(): Promise<void>;
}

/** What a pipeline connects. It opens and closes all of it. */
export interface PipelineParts {
  readonly source: Source;
  /** Opens where everything goes, for an input of so many partitions. */
  openOutputs(inputPartitions: number): Promise<Outputs>;
  readonly fleet: Fleet;
  /** What each of the shards is told, which encode for these outputs. */
  shardOptions(outputs: Outputs): readonly ShardOptions[];
  readonly clock: Clock;
  /** Records of a round at least, for a deterministic run; null: it is live. */
  readonly roundRecords: number | null;
  /** null: the run commits nothing. */
  readonly durable?: Durable | null;
  /** Counts and times the run; its own when left out. */
  readonly meters?: RunMeters;
  /** Shows the run, with its meters, to those who look. */
  readonly view?: LiveView;
}

/** How the caller watches and ends a run. */
export interface PipelineHooks {
  /** Aborted: stop fetching, drain, flush; open windows stay open. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Called once, before anything is opened, with what shows the run. */
  onView?(view: RunView): void;
  /** Called when all is open, before the first record is read. */
  onBegin?(): void;
  /** Called when the source owns other partitions than before. */
  onAssigned?(change: AssignmentChange): void;
  /** Called a few times a second. */
  onProgress?(progress: Progress): void;
  /**
   * Called once when all is closed, also when the run has failed; not when it
   * could not begin.
   */
  onEnd?(summary: RunSummary): void;
}
