import type { Document, YAMLError } from "yaml";

/** What the library says of an alias without an anchor; the name comes last. */
const UNRESOLVED = /^Unresolved alias .*: (.*)$/;

/** What a text holds: as plain values, and as it is written. */
export interface YamlText {
  /** Null for an empty text. */
  readonly content: unknown;
  readonly document: Document;
}

/**
 * Reads a text of YAML (or JSON). Throws an error that says what is wrong, as the
 * end of a sentence.
 */
export async function readYaml(text: string): Promise<YamlText> {
  const { parseDocument } = await import("yaml");
  // What it would warn of is told as what comes of it, if it matters.
  const document = parseDocument(text, { logLevel: "error" });
  const [error] = document.errors;
  if (error !== undefined) throw new Error(faultOf(error));
  return { content: await contentOf(text, document), document };
}

function faultOf({ code, message }: YAMLError): string {
  if (code === "MULTIPLE_DOCS") {
    return 'a line "---" begins a second document in it, expected one alone';
  }
  const what = message.split("\n", 1)[0]!.replace(/:$/, "");
  return code === "BAD_ALIAS" ? `${what}: text such as * needs quotes` : what;
}

/** Aliases (`*name`) may hold more than there is memory for, or themselves. */
async function contentOf(text: string, document: Document): Promise<unknown> {
  try {
    const content: unknown = document.toJS();
    JSON.stringify(content);
    return content;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const name = UNRESOLVED.exec(message)?.[1];
    if (name === undefined) {
      throw new Error("its aliases hold too much, or themselves");
    }
    const line = await lineOfAlias(name, { text, document });
    throw new Error(
      `*${name} at line ${line} is an alias, and no &${name} stands before it: text that begins with * needs quotes`,
    );
  }
}

/** From 1. */
async function lineOfAlias(
  name: string,
  { text, document }: { readonly text: string; readonly document: Document },
): Promise<number> {
  const { visit } = await import("yaml");
  let at = 0;
  visit(document, {
    Alias(_key, node) {
      if (node.source !== name) return undefined;
      at = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return text.slice(0, at).split("\n").length;
}
