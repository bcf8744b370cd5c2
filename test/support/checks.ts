import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const GENERATED = join("src", "wire", "generated");

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
    name: "lint and format (biome)",
    passes: () => succeeds("biome", ["check", "--error-on-warnings"]),
  },
  { name: "generated wire code (flatc)", passes: isWireCodeFresh },
];

/** Compares the committed wire code with what flatc makes of the schemas. */
async function isWireCodeFresh(): Promise<boolean> {
  const hasFlatc = await succeeds("sh", ["-c", "command -v flatc >/dev/null"]);
  if (!hasFlatc) return true;
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-wire-"));
  try {
    const script = join("src", "wire", "generate.sh");
    const isMade = await succeeds("sh", [script, folder]);
    return isMade && (await succeeds("diff", ["-r", GENERATED, folder]));
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
