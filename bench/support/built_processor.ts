import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The processor as JavaScript, as the package has it: what is measured. */
export interface BuiltProcessor {
  /** Path of the command line's main module. */
  readonly main: string;
  /** URL of the module that reports at the exit: see `exit_probe.ts`. */
  readonly exitProbe: string;
}

const ROOT = new URL("../../", import.meta.url);
const BUILD = new URL("dist/bench/", ROOT);

let built: BuiltProcessor | null = null;

/** Builds the processor, the first time it is asked for. */
export function builtProcessor(): BuiltProcessor {
  built ??= build();
  return built;
}

function build(): BuiltProcessor {
  const tsc = fileURLToPath(new URL("node_modules/.bin/tsc", ROOT));
  const config = fileURLToPath(new URL("tsconfig.bench.json", ROOT));
  execFileSync(tsc, ["-p", config], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  return {
    main: fileURLToPath(new URL("src/main.js", BUILD)),
    exitProbe: new URL("bench/support/exit_probe.js", BUILD).href,
  };
}
