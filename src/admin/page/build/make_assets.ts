// Usage: make_assets.ts OUTPUT_FILE. Writes the page as text constants: so it is
// the same for Node, for the tests and in the package, and nothing is read from a
// disk while a job runs.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { build } from "esbuild";

const PAGE = join(import.meta.dirname, "..");
const UPLOT = join(PAGE, "..", "..", "..", "node_modules", "uplot");

const scripts = await build({
  entryPoints: [join(PAGE, "main.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  // So that a difference is seen line by line.
  lineLimit: 120,
  write: false,
  logLevel: "warning",
  banner: { js: licence(readFileSync(join(UPLOT, "LICENSE"), "utf8")) },
});
const styles = [
  readFileSync(join(UPLOT, "dist", "uPlot.min.css"), "utf8"),
  readFileSync(join(PAGE, "page.css"), "utf8"),
];
const texts = {
  PAGE_HTML: readFileSync(join(PAGE, "page.html"), "utf8"),
  PAGE_CSS: styles.join("\n"),
  PAGE_JS: scripts.outputFiles[0]!.text,
};
const constants = Object.entries(texts).map(([name, text]) => {
  const lines = text.trimEnd().split("\n");
  const list = lines.map((line) => `  ${JSON.stringify(line)},\n`).join("");
  return `export const ${name}: string = [\n${list}].join("\\n");\n`;
});
const head = "// Made by src/admin/page/generate.sh; not to be edited.\n";
writeFileSync(process.argv[2]!, [head, ...constants].join("\n"));

function licence(text: string): string {
  return `/*! uPlot (https://github.com/leeoniya/uPlot)\n${text.trim()}\n*/`;
}
