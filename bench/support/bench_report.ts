import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, parse } from "node:path";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { type Machine, thisMachine } from "../../src/observe/machine.ts";
import { printComparison, type Samples } from "./compare_reports.ts";
import { print } from "./table.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));
/** When this run began, as it stands in the names of its files. */
const STARTED = new Date().toISOString().slice(0, 19).replaceAll(":", "-");

/** What the figures of a report were measured on, and with which code. */
export interface BenchEnvironment extends Machine {
  readonly date: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The commit, with `+` behind it when files were changed since. */
  readonly commit: string;
}

/** Machine, versions and commit of this run. */
export function benchEnvironment(): BenchEnvironment {
  return {
    date: new Date().toISOString(),
    ...thisMachine(),
    versions: { sessionmill: packageJson.version, ...packageJson.dependencies },
    commit: commit(),
  };
}

/** Where a report goes, and what it is held against: as the command line says it. */
export interface ReportPlace {
  /** Null: a new file of `bench/results`. */
  readonly json: string | null;
  /** An earlier report to hold this one against; null for none. */
  readonly compare: string | null;
}

/** What a bench gives out. */
export interface ReportOptions extends ReportPlace {
  /** Figures by name, each once a repeat: what comparisons are made of. */
  readonly samples: Samples;
}

/**
 * Writes the figures of a bench and what they were measured on as JSON, to a file
 * of its own or the one that is asked for, and compares them if asked; returns
 * where. Throws, as for a wrong option, when there is nothing to compare with.
 */
export function writeReport(
  name: string,
  figures: object,
  { json, compare, samples }: ReportOptions,
): string {
  const path = json ?? resultPath(`${name}.json`);
  const environment = benchEnvironment();
  const report = { bench: name, environment, ...figures, samples };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  print(`\nJSON: ${path}`);
  if (compare !== null) printComparison(compare, { name, samples });
  return path;
}

/** Path of a result of this run: `NAME` gets the time of the run behind it. */
export function resultPath(fileName: string): string {
  const { name, ext } = parse(fileName);
  return `${RESULTS}${name}-${STARTED}${ext}`;
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
