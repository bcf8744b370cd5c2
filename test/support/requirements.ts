import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { messageOf, WorldError } from "../../src/errors.ts";
import { BROKERS_VARIABLE } from "./test_kafka.ts";

const run = promisify(execFile);

/** What brings the programs to Debian. */
export type DebianPackage =
  | "default-jre-headless"
  | "maven"
  | "kcat"
  | "bsdutils"
  | "openssl"
  | "chromium"
  | "prometheus";

/** A program that tests or benches need and npm does not bring. */
interface Requirement {
  /** As a person calls it. */
  name: string;
  debianPackage: DebianPackage;
  isThere(): Promise<boolean>;
}

/** What needs programs, and which. */
export interface RequirementOptions {
  /** What is to be run, as it is spoken of. */
  readonly of: string;
  /** What the tests need when left out. */
  readonly packages?: readonly DebianPackage[];
}

/** What a broker of our own needs. */
export const BROKER_PACKAGES: readonly DebianPackage[] = [
  "default-jre-headless",
  "maven",
];

const JAVA_MAJOR_MIN = 17;

/** Where Debian has it; the browser of the page's tests. */
export const CHROMIUM = "/usr/bin/chromium";

const REQUIREMENTS: Requirement[] = [
  {
    name: `Java ${JAVA_MAJOR_MIN} or newer`,
    debianPackage: "default-jre-headless",
    isThere: hasJava,
  },
  {
    name: "Maven",
    debianPackage: "maven",
    isThere: () => answers("mvn", ["-version"]),
  },
  {
    name: "kcat",
    debianPackage: "kcat",
    isThere: () => answers("kcat", ["-V"]),
  },
  {
    name: "script",
    debianPackage: "bsdutils",
    isThere: () => answers("script", ["--version"]),
  },
  {
    name: "openssl",
    debianPackage: "openssl",
    isThere: () => answers("openssl", ["version"]),
  },
  {
    name: `Chromium (${CHROMIUM})`,
    debianPackage: "chromium",
    isThere: () => answers(CHROMIUM, ["--version"]),
  },
  {
    name: "Prometheus",
    debianPackage: "prometheus",
    isThere: () => answers("promtool", ["--version"]),
  },
];

/**
 * Sees to it that the programs are there that something needs: installs what is
 * missing as root on Debian, else throws one sentence with the line to run.
 */
export async function ensureRequirements(
  options: RequirementOptions,
): Promise<void> {
  const before = await missing(options);
  if (before.length === 0) return;
  const { of } = options;
  const packages = before.map((each) => each.debianPackage).join(" ");
  const line = `apt-get install -y ${packages}`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw notThere(of, before, `install it (Debian: sudo ${line})`);
  }
  process.stdout.write(`Installing ${packages}\n`);
  const script = `apt-get update -qq && ${line} -qq --no-install-recommends`;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("sh", ["-c", script], { env }).catch((error: unknown) => {
    throw notThere(of, before, `${line} failed: ${messageOf(error)}`);
  });
  const after = await missing(options);
  if (after.length > 0) throw notThere(of, after, `${line} did not bring it`);
}

async function missing({
  packages = testPackages(),
}: RequirementOptions): Promise<Requirement[]> {
  const needed = REQUIREMENTS.filter(({ debianPackage }) =>
    packages.includes(debianPackage),
  );
  const present = await Promise.all(needed.map((each) => each.isThere()));
  return needed.filter((_, i) => !present[i]);
}

/** All that are known, but for those of a broker where the tests are given one. */
function testPackages(): DebianPackage[] {
  const all = REQUIREMENTS.map(({ debianPackage }) => debianPackage);
  if (!process.env[BROKERS_VARIABLE]) return all;
  return all.filter((each) => !BROKER_PACKAGES.includes(each));
}

function notThere(
  of: string,
  requirements: Requirement[],
  advice: string,
): WorldError {
  const names = requirements.map((each) => each.name).join(", ");
  return new WorldError(`Cannot run ${of}: no ${names} here, ${advice}`);
}

function answers(program: string, args: string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  );
}

async function hasJava(): Promise<boolean> {
  try {
    const { stderr } = await run("java", ["-version"]);
    const major = Number(/version "(\d+)/.exec(stderr)?.[1]);
    return major >= JAVA_MAJOR_MIN;
  } catch {
    return false;
  }
}
