import { readFileSync } from "node:fs";

// Prints the interface of the kernel, as TypeScript sees it, from the
// declarations that `asc --bindings raw` makes beside the module. Those are for
// a wrapper that turns numbers into booleans; we call the module itself.

const FUNCTION = /^ {2}export function (\w+)\((.*)\): (\w+);$/;
const GLOBAL = /^ {2}export const (\w+): \{$/;
const MEMORY = "  export const memory: WebAssembly.Memory;";

const [, , declarations] = process.argv;
if (declarations === undefined) {
  throw new Error("Cannot make interface: name the .d.ts file of the compiler");
}
const lines = readFileSync(declarations, "utf8").split("\n");
const members = lines
  .filter((line) => line.startsWith("  export ") && line !== MEMORY)
  .map(memberOf)
  .sort();

process.stdout.write(`// Made by src/kernel/generate.sh; not to be edited.

/** What src/kernel/exports.ts lists; each is documented at its place. */
export interface KernelExports {
${members.join("\n")}
}
`);

function memberOf(line: string): string {
  const global = GLOBAL.exec(line);
  if (global !== null)
    return `  readonly ${global[1]}: { readonly value: number };`;
  const call = FUNCTION.exec(line);
  if (call === null) {
    throw new Error(`Cannot make interface: "${line}" is not understood`);
  }
  const [, name, parameters, result] = call;
  return `  ${name}(${numeric(parameters!)}): ${numeric(result!)};`;
}

/** The types as WebAssembly has them, which knows no boolean. */
function numeric(types: string): string {
  if (/\b(bigint|string|object|Array|ArrayBuffer)\b/.test(types)) {
    throw new Error(`Cannot make interface: "${types}" are not all numbers`);
  }
  return types.replaceAll("boolean", "number");
}
