import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
/** `import … from "x"`, `export … from "x"`, `import "x"`. */
const STATIC_IMPORT =
  /^(?:import|export)\s[^;"]*?\bfrom\s*"([^"\n]+)"|^import\s*"([^"\n]+)"/gm;
/** `await import("x")`, and a type's `import("x")`. */
const DYNAMIC_IMPORT = /\bimport\s*\(\s*["'`]([^"'`\n]+)["'`]/g;
/** `require`, and whatever else `createRequire` was given as a name. */
const REQUIRE = /\b(\w+)\s*=\s*createRequire\(/g;

/** A source file, as the tests of the project's structure look at it. */
export interface SourceFile {
  /** Relative to the project, such as `src/main.ts`. */
  path: string;
  text: string;
  lineCount: number;
  /** What it imports: a package, or a path relative to the project. */
  imports: string[];
}

/** Reads every source file in the given folders of the project. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  const pattern = folders.map((folder) => `${folder}/**/*.{ts,js,cjs}`);
  return globSync(pattern, { cwd: ROOT }).sort().map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  const lineCount = text.split("\n").length - 1;
  return { path, text, lineCount, imports: importsOf(path, text) };
}

/** What the text of a file imports, in whatever way. */
export function importsOf(path: string, text: string): string[] {
  const loaders = [...text.matchAll(REQUIRE)].map((match) => match[1]!);
  const loads = ["require", ...loaders].join("|");
  const call = new RegExp(
    `\\b(?:${loads})(?:\\.resolve)?\\(\\s*["'\`]([^"'\`\n]+)["'\`]`,
    "g",
  );
  const specifiers = [STATIC_IMPORT, DYNAMIC_IMPORT, call]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map((match) => (match[1] ?? match[2])!);
  return specifiers.map((name) =>
    name.startsWith(".") ? normalize(join(dirname(path), name)) : name,
  );
}

/** The first circle of imports found, as a path from a file to itself. */
export function findImportCircle(files: SourceFile[]): string[] | undefined {
  const importsOf = new Map(files.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] | undefined => {
    if (trail.includes(path))
      return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of importsOf.get(path) ?? []) {
      const circle = visit(next, [...trail, path]);
      if (circle !== undefined) return circle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of files) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
