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

/** What a bench takes, by name: the default (null: may be missing), and what it is. */
type Definitions = Readonly<
  Record<string, readonly [fallback: string | boolean | null, help: string]>
>;

type Values<D extends Definitions> = {
  readonly [K in keyof D]: D[K][0] extends boolean
    ? boolean
    : D[K][0] extends null
      ? string | null
      : string;
};

/** What every bench takes. */
const COMMON = {
  json: [null, "where the figures go (default: a new file of bench/results)"],
  compare: [null, "an earlier JSON file to hold the figures against"],
} as const satisfies Definitions;

/**
 * Reads the command line of a bench: `--name value`, or `--name` where it is a
 * switch. With `--help` it prints what the bench does and takes, and ends.
 */
export function benchOptions<const D extends Definitions>(
  does: string,
  definitions: D,
): Values<D & typeof COMMON> {
  const all: Definitions = { ...definitions, ...COMMON };
  const options = Object.fromEntries(
    Object.entries(all).map(([name, [fallback]]) => [
      name,
      { type: typeof fallback === "boolean" ? "boolean" : "string" } as const,
    ]),
  );
  const help = { type: "boolean", short: "h" } as const;
  const { values } = parseArgs({ options: { ...options, help } });
  if (values.help === true) {
    process.stdout.write(helpText(does, all));
    process.exit(0);
  }
  const compare: unknown = Reflect.get(values, "compare");
  if (typeof compare === "string" && !existsSync(compare)) {
    throw optionError("compare", compare, "a JSON file of an earlier run");
  }
  const defaults = Object.entries(all).map(([name, [fallback]]) => [
    name,
    fallback,
  ]);
  return { ...Object.fromEntries(defaults), ...values };
}

function helpText(does: string, definitions: Definitions): string {
  const lines = Object.entries(definitions).map(([name, [fallback, help]]) => {
    const isText = typeof fallback === "string" && fallback !== "";
    const suffix = isText ? ` (default: ${fallback})` : "";
    const flag = typeof fallback === "boolean" ? name : `${name} VALUE`;
    return `  --${flag.padEnd(22)} ${help}${suffix}`;
  });
  return `${does}\n\n${lines.join("\n")}\n\nbench/README.md says how it is measured.\n`;
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
