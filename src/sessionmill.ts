/**
 * What a program that uses sessionmill as a library may import. Each function is
 * a command of the command line, without its options, its texts and its exit.
 */
export type {
  GeneratorConfig,
  KafkaConfig,
  RunConfig,
  SinkSpec,
  SourceSpec,
  WindowConfig,
} from "./config/config.ts";
export { ReaderGoneError, UsageError, WorldError } from "./errors.ts";
export {
  type GenerateOptions,
  type GenerateSummary,
  runGenerate as generate,
} from "./generate/generate.ts";
export type { Schedule } from "./generate/schedule.ts";
export type { GeneratedCounts } from "./generate/visit_generator.ts";
export type { Percentiles } from "./observe/latency.ts";
export type {
  CpuUse,
  Progress,
  RunOutcome,
  RunSummary,
  WatermarkHold,
} from "./observe/run_summary.ts";
export type { AssignmentChange } from "./pipeline/assignment.ts";
export type { PipelineHooks as RunHooks } from "./pipeline/pipeline_parts.ts";
export { runPipeline as run } from "./pipeline/run_pipeline.ts";
export {
  type ReplayOptions,
  type ReplaySummary,
  runReplay as replay,
} from "./replay/replay.ts";
