import { type Document, isAlias, isMap, isScalar, isSeq } from "yaml";

/**
 * The text of each unquoted number, boolean and null at the top level, as it is
 * written: YAML reads 123 in 0123. Lists are joined by commas.
 */
export function writtenTexts(
  document: Document,
): Readonly<Record<string, string>> {
  const { contents } = document;
  if (!isMap(contents)) return {};
  const texts = contents.items.map(({ key, value }) => [
    String(key),
    textOf(value, document),
  ]);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
}

/** Undefined for what holds nothing but text, and for what holds mappings. */
function textOf(node: unknown, document: Document): string | undefined {
  if (isAlias(node)) return textOf(node.resolve(document), document);
  if (isScalar(node)) {
    return typeof node.value === "string" ? undefined : (node.source ?? "");
  }
  if (!isSeq(node)) return undefined;
  const texts = node.items.map((item) => textOf(item, document));
  if (texts.every((text) => text === undefined)) return undefined;
  return texts.map((text, place) => text ?? node.items[place]).join(",");
}
