import { WriteStream } from "node:tty";
import { styleText } from "node:util";

/** How text for people may look where it is shown. */
export interface TextStyle {
  dim(text: string): string;
  strong(text: string): string;
  /** What somebody may have to look after. */
  warn(text: string): string;
  good(text: string): string;
  /** Bars and curves may be drawn with block characters. */
  readonly hasBlocks: boolean;
}

const plain = (text: string) => text;

/** Text as it is, and ASCII alone. */
export const PLAIN_STYLE: TextStyle = {
  ...{ dim: plain, strong: plain, warn: plain, good: plain },
  hasBlocks: false,
};

/**
 * The style that a stream's environment asks for: FORCE_COLOR, NO_COLOR, TERM and
 * what else Node knows of; without any of them colours are for terminals.
 */
export function textStyle({
  environment,
  isTTY,
}: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
}): TextStyle {
  const hasBlocks = knowsBlocks(environment);
  if (!hasColors(environment, isTTY)) return { ...PLAIN_STYLE, hasBlocks };
  const painter = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    text === "" ? "" : styleText(format, text, { validateStream: false });
  return {
    dim: painter("dim"),
    strong: painter("bold"),
    warn: painter("yellow"),
    good: painter("green"),
    hasBlocks,
  };
}

function hasColors(
  environment: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
): boolean {
  const { FORCE_COLOR, NO_COLOR } = environment;
  if (FORCE_COLOR === undefined && (NO_COLOR || !isTTY)) return false;
  // Node takes an empty one for a wish; it is none.
  const { NO_COLOR: _, ...rest } = environment;
  const asked = NO_COLOR ? environment : rest;
  return WriteStream.prototype.getColorDepth(asked) > 1;
}

/** The console of Linux lacks them, and so do character sets but UTF-8. */
function knowsBlocks({
  TERM,
  LC_ALL,
  LC_CTYPE,
  LANG,
}: Readonly<Record<string, string | undefined>>): boolean {
  const locale = LC_ALL || LC_CTYPE || LANG;
  if (TERM === "linux" || TERM === "dumb") return false;
  return !locale || /utf-?8/i.test(locale);
}
