import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfigFile } from "../../src/config/config_file.ts";
import { resolveOptions } from "../../src/config/resolve_options.ts";
import { RUN_OPTIONS, type RunValues } from "../../src/config/run_options.ts";

/** Where the options of a run are set in a test. */
export interface Settings {
  readonly flags?: Readonly<Record<string, string | boolean>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: Readonly<Record<string, unknown>>;
  readonly presets?: Readonly<Record<string, string>>;
}

/** The options of a run, resolved. */
export function resolveRun({ flags, environment, file, presets }: Settings) {
  return resolveOptions(RUN_OPTIONS, {
    flags: flags ?? {},
    environment: environment ?? {},
    file:
      file === undefined
        ? null
        : { path: "x.yaml", entries: file, written: {} },
    presets: presets === undefined ? null : { origin: "y", texts: presets },
  });
}

/** The options of a run whose config file has this text. */
export async function resolveYaml(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "sessionmill-yaml-"));
  try {
    const path = join(folder, "x.yaml");
    writeFileSync(path, text);
    const file = await readConfigFile(path);
    const nothing = { flags: {}, environment: {}, presets: null };
    return resolveOptions(RUN_OPTIONS, { ...nothing, file });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The values of a run whose flags are given. */
export function runValues(flags: Record<string, string>): RunValues {
  return resolveRun({ flags }).values;
}
