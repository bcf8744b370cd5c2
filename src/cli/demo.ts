import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_GENERATOR } from "../config/generator_defaults.ts";
import { generatorTexts } from "../config/generator_options.ts";
import { formatPlace } from "../config/place_types.ts";
import { runConfigOf } from "../config/run_config.ts";
import { RUN_OPTIONS } from "../config/run_options.ts";
import { createLogger, type LogOptions } from "../observe/logger.ts";
import { countText } from "../observe/number_text.ts";
import { Terminal } from "../observe/terminal.ts";
import { loadOptions } from "./load_options.ts";
import { sessionPreview } from "./session_preview.ts";
import { logOptionsOf, superviseRun } from "./supervise_run.ts";
import type { World } from "./world.ts";

/**
 * Runs the real job on generated visits, and shows what comes out. It writes to
 * a new folder among the temporary ones, so no file of anybody is in the way.
 */
export async function runDemo(world: World): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "sessionmill-demo-"));
  const { values } = await loadOptions(RUN_OPTIONS, {
    flags: {},
    presets: {
      origin: "the demo",
      texts: {
        ...generatorTexts(DEMO_GENERATOR),
        from: "generator",
        to: `file:${join(folder, "sessions.jsonl")}`,
      },
    },
    world,
  });
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
  say('"npm start -- run --help" shows how to run it for real');
  return 0;
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
