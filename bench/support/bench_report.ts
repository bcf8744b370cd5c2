import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { print } from "./table.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));
const BYTES_PER_GIB = 1024 ** 3;

/** What the figures of a report were measured on, and with which code. */
export interface BenchEnvironment {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The commit, with `+` behind it when files were changed since. */
  readonly commit: string;
}

/** Machine, versions and commit of this run. */
export function benchEnvironment(): BenchEnvironment {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / BYTES_PER_GIB),
    kernel: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    versions: { sessionmill: packageJson.version, ...packageJson.dependencies },
    commit: commit(),
  };
}

/**
 * Writes the figures of a bench and what they were measured on as JSON, to
 * `path` or `bench/results/NAME.json`; returns where.
 */
export function writeReport(
  name: string,
  figures: object,
  path: string = resultPath(`${name}.json`),
): string {
  const report = { bench: name, environment: benchEnvironment(), ...figures };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  print(`\nJSON: ${path}`);
  return path;
}

/** Path of a file among the results. */
export function resultPath(fileName: string): string {
  return `${RESULTS}${fileName}`;
}

function commit(): string {
  try {
    const head = git("rev-parse", "--short=12", "HEAD");
    return git("status", "--porcelain") === "" ? head : `${head}+`;
  } catch {
    return "unknown";
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
}
