/** What a program that uses sessionmill as a library may import. */
export type { RunConfig } from "./config/config.ts";
export { UsageError, WorldError } from "./errors.ts";
export type { Progress, RunSummary } from "./observe/run_summary.ts";
export type { PipelineHooks } from "./pipeline/pipeline_parts.ts";
export { runPipeline } from "./pipeline/run_pipeline.ts";
