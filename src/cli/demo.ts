import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_GENERATOR } from "../config/generator_defaults.ts";
import { generatorTexts } from "../config/generator_options.ts";
import { environmentName } from "../config/option.ts";
import { formatPlace } from "../config/place_types.ts";
import {
  DEFAULT_ORIGIN,
  type ResolvedOptions,
} from "../config/resolve_options.ts";
import { runConfigOf } from "../config/run_config.ts";
import { RUN_OPTIONS } from "../config/run_options.ts";
import { UsageError, WorldError } from "../errors.ts";
import { unwritableReason } from "../files/file_reasons.ts";
import { createLogger, type LogOptions } from "../observe/logger.ts";
import { countText } from "../observe/number_text.ts";
import { Terminal } from "../observe/terminal.ts";
import { loadOptions } from "./load_options.ts";
import { ownCommand } from "./own_command.ts";
import { sessionPreview } from "./session_preview.ts";
import { logOptionsOf, superviseRun } from "./supervise_run.ts";
import type { World } from "./world.ts";

const DEMO = "the demo";

/** What says what a run reads, writes and promises: the demo has its own. */
const PLACE_KEYS = [
  ...(["from", "to", "late-to", "dead-letter-to"] as const),
  ...(["histograms", "guarantee"] as const),
];

/**
 * Runs the real job on generated visits, and shows what comes out. It writes to
 * a new folder among the temporary ones, so no file of anybody is in the way.
 * Throws a `UsageError` when a file or the environment asks for another job.
 */
export async function runDemo(world: World): Promise<number> {
  const command = ownCommand(world.environment);
  const texts = { ...generatorTexts(DEMO_GENERATOR), from: "generator" };
  const presets = { origin: DEMO, texts };
  const resolved = await loadOptions(RUN_OPTIONS, {
    flags: {},
    presets,
    world,
  });
  refuseOtherJob(resolved, command);
  const path = join(newFolder(), "sessions.jsonl");
  const values = { ...resolved.values, to: { kind: "file", path } as const };
  const config = await runConfigOf(values, world.stopSignal);
  const visits = countText(config.generator.count ?? 0);
  const { to } = config;
  const shards = config.workers === 1 ? "shard" : "shards";
  const log = logOptionsOf(values);
  const say = speaker(world, log);
  say(
    `Demo: ${visits} generated visits, some sent twice, through ${countText(config.workers)} ${shards} to ${formatPlace(to)}`,
  );
  const preview = () => (to.kind === "file" ? sessionPreview(to.path) : "");
  const { progress } = values;
  await superviseRun(config, { world, log, progress, preview });
  say(`"${command} run --help" shows how to run it for real`);
  return 0;
}

function refuseOtherJob(
  { origins }: ResolvedOptions<typeof RUN_OPTIONS>,
  command: string,
): void {
  const key = PLACE_KEYS.find(
    (each) => ![DEFAULT_ORIGIN, DEMO].includes(origins[each]),
  );
  if (key === undefined) return;
  const name = environmentName(key);
  const what = origins[key] === name ? name : `${key} in "${origins[key]}"`;
  throw new UsageError(
    `Cannot run the demo: ${what} asks for another job, which "${command} run" does; the demo has visits and outputs of its own`,
  );
}

function newFolder(): string {
  const start = join(tmpdir(), "sessionmill-demo-");
  try {
    return mkdtempSync(start);
  } catch (error) {
    throw new WorldError(
      `Cannot run the demo: a folder "${start}…" cannot be made: ${unwritableReason(error)}; TMPDIR names another place`,
    );
  }
}

/** Says a line to people, or to whoever reads a log in JSON. */
function speaker({ stderr }: World, options: LogOptions) {
  if (options.format === "text") {
    return (text: string) => void stderr.write(`${text}\n`);
  }
  const terminal = new Terminal(stderr, { noLiveBlock: true });
  const log = createLogger(terminal, options);
  return (text: string) => log.info(text);
}
