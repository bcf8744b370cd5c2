#!/usr/bin/env node
// The command itself. Plain JavaScript, so that a Node which is too old for the
// rest can read it: it hands over to the Node that came with the packages.
// CommonJS starts 10 ms sooner than modules do.
const { existsSync } = require("node:fs");
const modules = require("node:module");
const { tmpdir } = require("node:os");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

/** The oldest version that runs the rest. */
const NODE_VERSION = 24;
/** @type {NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Codes of the errors for a module that is not there. */
const MISSING = ["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"];

const built = join(__dirname, "bundled", "main.cjs");
const isBuilt = existsSync(built);
const main = isBuilt ? built : join(__dirname, "main.ts");

keepCompiled();
if (Number.parseInt(process.versions.node, 10) >= NODE_VERSION) {
  runHere();
} else {
  const node = packagedNode();
  if (node !== undefined) handOver(node);
  else if (isBuilt) runHere();
  else fail("run npm ci first, it brings the packages and the right Node");
}

/** Runs in this process; packages are missing only where nothing is installed. */
async function runHere() {
  try {
    const url = pathToFileURL(main).href;
    const { ended } = isBuilt ? require(built) : await import(url);
    await ended;
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!MISSING.includes(code ?? "")) throw error;
    // Behind the first line is who asked for it.
    fail(
      isBuilt
        ? message.split("\n", 1)[0]
        : "packages are missing, run npm ci first, it brings them",
    );
  }
}

/**
 * Keeps what is compiled for the next start, which takes half the time then, also
 * of threads. Deno cannot. A temporary folder that is missing is not made for it:
 * whoever needs one is told.
 */
function keepCompiled() {
  const { env } = process;
  if (!env.NODE_COMPILE_CACHE) {
    if (!existsSync(tmpdir())) return;
    env.NODE_COMPILE_CACHE = join(tmpdir(), "node-compile-cache");
  }
  modules.enableCompileCache?.();
}

/** The Node among the packages; undefined when there is none for this machine. */
function packagedNode() {
  const system = process.platform === "win32" ? "win" : process.platform;
  for (const name of ["node", "node-bin"]) {
    const file = `${name}-${system}-${process.arch}/package.json`;
    try {
      const binary = system === "win" ? "node.exe" : "node";
      return join(dirname(require.resolve(file)), "bin", binary);
    } catch {
      // Not installed: it is for another machine, or was left out.
    }
  }
  return undefined;
}

/**
 * Runs in a process of that Node, which gets our signals and whose end is ours.
 * @param {string} node
 */
function handOver(node) {
  const { spawn } = require("node:child_process");
  const args = [main, ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: "inherit" });
  for (const signal of SIGNALS) {
    // Windows' console reaches both, and its kill() would be a hard end.
    const hand = process.platform === "win32" ? () => {} : child.kill;
    process.on(signal, () => hand.call(child, signal));
  }
  // Else Node opens its debugger, to whoever is on this host.
  process.on("SIGUSR1", () => {});
  child.on("error", ({ message }) => fail(message));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** @param {string | undefined} why */
function fail(why) {
  process.stderr.write(`Cannot start: ${why}\n`);
  process.exitCode = 1;
}
