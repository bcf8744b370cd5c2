import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** Runs a bench; a wrong option is one sentence and exit code 2. */
export async function runBench(main: () => Promise<void>): Promise<void> {
  try {
    await main();
    process.exit(0);
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    const isUsage = code.startsWith("ERR_PARSE_ARGS");
    const { message, stack } = error as Error;
    process.stderr.write(`${isUsage ? message : stack}\n`);
    process.exit(isUsage ? 2 : 1);
  }
}

/** Options of a bench by name; a default of `null` means: may be missing. */
type Defaults = Readonly<Record<string, string | boolean | null>>;

type Values<D extends Defaults> = {
  readonly [K in keyof D]: D[K] extends boolean
    ? boolean
    : D[K] extends null
      ? string | null
      : string;
};

/** Reads the command line: `--name value`, or `--name` where it is a switch. */
export function benchOptions<const D extends Defaults>(defaults: D): Values<D> {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      { type: typeof value === "boolean" ? "boolean" : "string" } as const,
    ]),
  );
  const { values } = parseArgs({ options });
  return { ...defaults, ...values } as Values<D>;
}

/** A whole number above zero. */
export function countOf(name: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw optionError(name, text, "a whole number above 0");
}

/** Whole numbers above zero, comma-joined. */
export function countsOf(name: string, text: string): number[] {
  return text.split(",").map((part) => countOf(name, part));
}

/**
 * The folder of another checkout, as an option names it; `others` is what else
 * the option may be.
 */
export function checkoutOf(name: string, folder: string, others = ""): string {
  if (existsSync(join(folder, "tsconfig.bench.json"))) return folder;
  const right = "the folder of another checkout with its node_modules";
  throw optionError(name, folder, `${others}${right}`);
}

/** What `runBench` takes for a wrong option: a sentence, exit code 2. */
export function optionError(name: string, text: string, right: string): Error {
  const error = new Error(
    `Cannot run bench: --${name} is "${text}", expected ${right}`,
  );
  return Object.assign(error, { code: "ERR_PARSE_ARGS_VALUE" });
}
