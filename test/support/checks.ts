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
    name: "types of the page (tsc)",
    passes: () => succeeds("tsc", ["-p", "tsconfig.page.json"]),
  },
  {
    name: "lint and format (biome)",
    passes: () => succeeds("biome", ["check", "--error-on-warnings"]),
  },
  { name: "generated wire code (flatc)", passes: isWireCodeFresh },
  {
    name: "compiled kernel, its interface and its texts (asc)",
    passes: () =>
      isFresh("src/kernel/generate.sh", {
        committed: "src/kernel",
        folders: ["generated", "host/generated"],
      }),
  },
  {
    name: "bundled page (esbuild)",
    passes: () =>
      isFresh("src/admin/page/generate.sh", {
        committed: "src/admin/page",
        folders: ["generated"],
      }),
  },
];

async function isWireCodeFresh(): Promise<boolean> {
  const hasFlatc = await succeeds("sh", ["-c", "command -v flatc >/dev/null"]);
  return (
    !hasFlatc ||
    isFresh("src/wire/generate.sh", {
      committed: "src/wire/generated",
      folders: ["."],
    })
  );
}

/** Compares committed folders with what their script makes of the sources. */
async function isFresh(
  script: string,
  { committed, folders }: { committed: string; folders: string[] },
): Promise<boolean> {
  const made = await mkdtemp(join(tmpdir(), "sessionmill-generated-"));
  try {
    if (!(await succeeds("sh", [script, made]))) return false;
    for (const folder of folders) {
      const both = [join(committed, folder), join(made, folder)];
      if (!(await succeeds("diff", ["-r", ...both]))) return false;
    }
    return true;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

function succeeds(program: string, args: string[]): Promise<boolean> {
  const child = spawn(program, args, { cwd: ROOT, stdio: "inherit" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
