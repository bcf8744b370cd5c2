#!/usr/bin/env node
// The command itself. Plain JavaScript, so that a Node which is too old for the
// rest can read it: it hands over to the Node that came with the packages.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The oldest version that runs the rest. */
const NODE_VERSION = 24;
/** @type {NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const built = fileURLToPath(new URL("main.js", import.meta.url));
const isBuilt = existsSync(built);
const main = isBuilt
  ? built
  : fileURLToPath(new URL("main.ts", import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= NODE_VERSION) {
  runHere();
} else {
  const node = packagedNode();
  if (node !== undefined) handOver(node);
  else if (isBuilt) runHere();
  else fail("run npm ci first, it brings the packages and the right Node");
}

/** Runs in this process; packages are missing only where nothing is installed. */
function runHere() {
  import(pathToFileURL(main).href).catch((error) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    fail(
      isBuilt
        ? error.message
        : "packages are missing, run npm ci first, it brings them",
    );
  });
}

/** The Node among the packages; undefined when there is none for this machine. */
function packagedNode() {
  const system = process.platform === "win32" ? "win" : process.platform;
  const { resolve } = createRequire(import.meta.url);
  for (const name of ["node", "node-bin"]) {
    const file = `${name}-${system}-${process.arch}/package.json`;
    try {
      const binary = system === "win" ? "node.exe" : "node";
      return join(dirname(resolve(file)), "bin", binary);
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

/** @param {string} why */
function fail(why) {
  process.stderr.write(`Cannot start: ${why}\n`);
  process.exitCode = 1;
}
