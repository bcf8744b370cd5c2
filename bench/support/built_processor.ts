import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The processor as JavaScript, as the package has it: what is measured. */
export interface BuiltProcessor {
  /** Path of the command. */
  readonly main: string;
  /** URL of the module that reports at the exit: see `exit_probe.ts`. */
  readonly exitProbe: string;
}

const HERE = fileURLToPath(new URL("../../", import.meta.url));

const built = new Map<string, BuiltProcessor>();

/**
 * Builds the processor of a checkout, this one unless another is named, the
 * first time it is asked for.
 */
export function builtProcessor(checkout = HERE): BuiltProcessor {
  const known = built.get(checkout) ?? build(checkout);
  built.set(checkout, known);
  return known;
}

/** As `npm run build` does: an older checkout bundles less, or nothing. */
function bundle(checkout: string, output: URL): void {
  const root = resolve(checkout);
  const { scripts } = JSON.parse(
    readFileSync(resolve(root, "package.json"), "utf8"),
  );
  const inOutput = pathsIn(output);
  for (const name of ["parts", "bundled"]) {
    rmSync(inOutput(`src/${name}`), { recursive: true, force: true });
  }
  const run = (script: string, files: readonly string[], folder: string) => {
    if (scripts[script] === undefined) return;
    const outdir = `--outdir=${inOutput(folder)}`;
    execFileSync("npm", ["run", "-s", script, "--", ...files, outdir], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
  };
  run("bundle", globSync(inOutput("workers/*.js")), "workers");
  const folder = hasLauncher(output) ? "src/bundled" : "src";
  run("bundle:main", [inOutput("src/main.js")], folder);
}

/** Whether the command is its own file; that of an older checkout is main.js. */
function hasLauncher(output: URL): boolean {
  return existsSync(pathsIn(output)("src/launch.cjs"));
}

function pathsIn(output: URL): (path: string) => string {
  return (path) => fileURLToPath(new URL(path, output));
}

function build(checkout: string): BuiltProcessor {
  const root = pathToFileURL(`${resolve(checkout)}/`);
  const tsc = fileURLToPath(new URL("node_modules/.bin/tsc", root));
  const config = fileURLToPath(new URL("tsconfig.bench.json", root));
  const output = new URL("dist/bench/", root);
  execFileSync(tsc, ["-p", config], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  bundle(checkout, output);
  const command = hasLauncher(output) ? "src/launch.cjs" : "src/main.js";
  return {
    main: pathsIn(output)(command),
    exitProbe: new URL("bench/support/exit_probe.js", output).href,
  };
}
