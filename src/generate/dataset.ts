import * as z from "zod/mini";
import { readYaml } from "../config/yaml_text.ts";
import { UsageError, WorldError } from "../errors.ts";
import { unreadableReason } from "../files/file_reasons.ts";
import { readInput } from "../files/open_input.ts";
import { DATASET_SCHEMA, type DatasetFile } from "./dataset_schema.ts";
import { ONE_SHOT, type Schedule } from "./schedule.ts";

/** A dataset of the Python generator, in the terms of our own options. */
export interface Dataset {
  /** Defaults for options, by config key, as text. */
  readonly presets: Readonly<Record<string, string>>;
  readonly schedule: Schedule;
}

/**
 * Reads a YAML file of the Python generator. Throws a `UsageError` that names
 * the file, the first key that is wrong, and what would be right; a `WorldError` when
 * the signal ends the wait for it.
 */
export async function readDataset(
  path: string,
  signal?: AbortSignal,
): Promise<Dataset> {
  const content = await contentOf(path, signal);
  const result = z.safeParse(DATASET_SCHEMA, content);
  if (!result.success) {
    throw datasetError(path, describe(result.error.issues[0]!, content));
  }
  return {
    presets: presetsOf(result.data),
    schedule: scheduleOf(path, result.data),
  };
}

async function contentOf(path: string, signal?: AbortSignal): Promise<unknown> {
  try {
    return (await readYaml(await readInput(path, signal))).content;
  } catch (error) {
    if (error instanceof WorldError) throw error;
    throw datasetError(path, unreadableReason(error));
  }
}

/** What is wrong at one place of the file. */
function describe(issue: z.core.$ZodIssue, content: unknown): string {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = [...path, issue.keys[0]].join(".");
    return `${key} is unknown, expected ${issue.message}`;
  }
  let value = content;
  for (const key of path) {
    value = (value as Record<string, unknown> | undefined)?.[key];
  }
  const name = path.length === 0 ? "the file" : path.join(".");
  return `${name} must be ${issue.message}, got ${shown(value)}`;
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function presetsOf(file: DatasetFile): Record<string, string> {
  const percent = file.dataset.composition_percentage;
  const kafka = file.writer?.configuration;
  const presets = {
    count: file.dataset.rows,
    "start-time": file.entity?.configuration?.start_time,
    "late-percent": percent?.late_rows_percentage,
    "duplicate-percent": percent?.duplicates,
    "missing-percent": percent?.missing_fields,
    "unprocessable-percent": percent?.unprocessable_rows,
    brokers: kafka?.broker,
    "visits-to": kafka && `kafka:${kafka.output_topic}`,
  };
  return Object.fromEntries(
    Object.entries(presets)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, String(value)]),
  );
}

function scheduleOf(path: string, file: DatasetFile): Schedule {
  const { data_blocker: blocker, generator } = file;
  let { pauseSeconds, runs } = ONE_SHOT;
  if (blocker?.type === "sleep") {
    const range = blocker.configuration?.sleep_time_range_seconds;
    const name = "data_blocker.configuration.sleep_time_range_seconds";
    if (range === undefined) {
      throw datasetError(path, `${name} must be given for type "sleep"`);
    }
    if (range.from > range.to) {
      const got = `from ${range.from} to ${range.to}`;
      throw datasetError(path, `${name} must not go down, got ${got}`);
    }
    pauseSeconds = range;
  }
  if (generator?.type === "continuous") runs = null;
  if (generator?.type === "fixed-times") {
    if (generator.configuration === undefined) {
      const name = "generator.configuration.all_runs";
      throw datasetError(path, `${name} must be given for type "fixed-times"`);
    }
    runs = generator.configuration.all_runs;
  }
  return { runs, pauseSeconds };
}

function datasetError(path: string, what: string): UsageError {
  return new UsageError(`Cannot read dataset "${path}": ${what}`);
}
