import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { messageOf, WorldError } from "../../src/errors.ts";
import { BROKERS_VARIABLE } from "./test_kafka.ts";

const run = promisify(execFile);

/** A program that the tests need and npm does not bring. */
interface Requirement {
  /** As a person calls it. */
  name: string;
  debianPackage: string;
  isThere(): Promise<boolean>;
}

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
 * Sees to it that the programs are there that the tests need: installs what is
 * missing as root on Debian, else throws one sentence with the line to run.
 */
export async function ensureRequirements(): Promise<void> {
  const before = await missing();
  if (before.length === 0) return;
  const packages = before.map((each) => each.debianPackage).join(" ");
  const line = `apt-get install -y ${packages}`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw notThere(before, `install it (Debian: sudo ${line})`);
  }
  process.stdout.write(`Installing ${packages}\n`);
  const script = `apt-get update -qq && ${line} -qq --no-install-recommends`;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("sh", ["-c", script], { env }).catch((error: unknown) => {
    throw notThere(before, `${line} failed: ${messageOf(error)}`);
  });
  const after = await missing();
  if (after.length > 0) throw notThere(after, `${line} did not bring it`);
}

async function missing(): Promise<Requirement[]> {
  // Java and Maven only serve to start a broker of our own.
  const hasBroker = Boolean(process.env[BROKERS_VARIABLE]);
  const needed = hasBroker ? REQUIREMENTS.slice(2) : REQUIREMENTS;
  const present = await Promise.all(needed.map((each) => each.isThere()));
  return needed.filter((_, i) => !present[i]);
}

function notThere(requirements: Requirement[], advice: string): WorldError {
  const names = requirements.map((each) => each.name).join(", ");
  return new WorldError(`Cannot run the tests: no ${names} here, ${advice}`);
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
