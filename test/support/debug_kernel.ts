import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { KernelExports } from "../../src/kernel/host/generated/kernel_exports.ts";
import { WindowKernel } from "../../src/kernel/host/window_kernel.ts";
import { faultSentence } from "./store_faults.ts";

// The kernel with its assertions on, freed blocks filled, and `verifyStore`.
// It is compiled from the sources as they are, once for each state of them.

const ROOT = join(import.meta.dirname, "..", "..");
const KERNEL = join(ROOT, "src", "kernel");
const BIN = join(ROOT, "node_modules", ".bin");
const CACHE = join(ROOT, "node_modules", ".cache", "sessionmill");
const OPTIONS = ["-O3", "--debug", "--use", "abort="];

/** Fields of a session, by what the debug build exports of its layout. */
export type SessionField =
  | "CHANGED_AT"
  | "END_MS"
  | "FIRST_CHUNK"
  | "KEY_HASH"
  | "LOGGED_BYTES"
  | "LOGGED_PLACE"
  | "OLDER"
  | "PUT_COMMIT"
  | "START_MS"
  | "TAIL"
  | "TICKET"
  | "UNFIRED"
  | "USER_LENGTH"
  | "VISITS";

/** What the debug build has beside the exports of the product. */
export interface DebugExports
  extends KernelExports,
    Readonly<Record<SessionField, { readonly value: number }>> {
  verifyStore(): number;
  tableBlock(): number;
  allocate(byteLength: number): number;
  free(block: number): void;
  countSession(): void;
  countVisit(): void;
}

let wasm: string | undefined;

/** A kernel of the debug build. */
export function createDebugKernel(): WindowKernel {
  wasm ??= readFileSync(compiled()).toString("base64");
  return new WindowKernel({ wasm });
}

/** All calls of a kernel that `createDebugKernel` has made. */
export function debugCalls(kernel: WindowKernel): DebugExports {
  return kernel.calls as DebugExports;
}

/** Throws an `Error` that says what is wrong with the store of such a kernel. */
export function assertStoreSound(kernel: WindowKernel): void {
  const fault = debugCalls(kernel).verifyStore();
  if (fault !== 0) {
    throw new Error(`The store is not sound: ${faultSentence(fault)}`);
  }
}

/** The module for the sources as they are, compiled if it is not there yet. */
function compiled(): string {
  const module = join(CACHE, `kernel-${sourcesHash()}.wasm`);
  if (existsSync(module)) return module;
  mkdirSync(CACHE, { recursive: true });
  // Other test files may do the same at this moment: the last one counts.
  const own = `${module}.${process.pid}`;
  const script = join(KERNEL, "compile.sh");
  const { status, stderr, error } = spawnSync(
    "sh",
    [script, "debug_exports.ts", own, ...OPTIONS],
    {
      env: { ...process.env, PATH: `${BIN}:${process.env.PATH}` },
      encoding: "utf8",
    },
  );
  if (status !== 0) {
    throw new Error(`Cannot compile the debug kernel: ${error ?? stderr}`);
  }
  renameSync(own, module);
  return module;
}

/** Changes with all that goes into the module. */
function sourcesHash(): string {
  const hash = createHash("sha256").update(OPTIONS.join(" "));
  const sources = globSync(["compile.sh", "**/*.ts"], { cwd: KERNEL })
    .filter((path) => !/^(host|build)\//.test(path))
    .sort()
    .map((path) => join(KERNEL, path));
  const asc = join(ROOT, "node_modules", "assemblyscript", "package.json");
  for (const path of [...sources, asc]) {
    hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 32);
}
