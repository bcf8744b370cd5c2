import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** A look at the sources that needs no test: says whether it passed. */
export interface Check {
  name: string;
  passes(): Promise<boolean>;
}

/** What is checked before the tests run. */
export const CHECKS: Check[] = [
  {
    name: "types (tsc)",
    passes: () => succeeds("tsc", ["--noEmit", "-p", "."]),
  },
  {
    name: "types of the kernel (tsc)",
    passes: () => succeeds("tsc", ["-p", "tsconfig.kernel.json"]),
  },
  {
    name: "lint and format (biome)",
    passes: () => succeeds("biome", ["check", "--error-on-warnings"]),
  },
  { name: "generated wire code (flatc)", passes: isWireCodeFresh },
  {
    name: "compiled kernel (asc)",
    passes: () =>
      isFresh("src/kernel/generate.sh", "src/kernel/host/generated"),
  },
];

async function isWireCodeFresh(): Promise<boolean> {
  const hasFlatc = await succeeds("sh", ["-c", "command -v flatc >/dev/null"]);
  return !hasFlatc || isFresh("src/wire/generate.sh", "src/wire/generated");
}

/** Compares committed code with what its script makes of the sources. */
async function isFresh(script: string, generated: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-generated-"));
  try {
    const isMade = await succeeds("sh", [script, folder]);
    return isMade && (await succeeds("diff", ["-r", generated, folder]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function succeeds(program: string, args: string[]): Promise<boolean> {
  const child = spawn(program, args, { cwd: ROOT, stdio: "inherit" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
