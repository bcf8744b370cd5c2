/**
 * Text of others as it may get to a terminal, or into a plot: what moves the
 * cursor, or is not to be seen, is a question mark.
 */
export function visibleText(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
