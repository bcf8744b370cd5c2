import type { Logger, LogOptions } from "../observe/logger.ts";
import type { ProgressForm, ProgressLog } from "../observe/progress_display.ts";
import { Terminal } from "../observe/terminal.ts";
import { type TextStyle, textStyle } from "../observe/text_style.ts";
import type { World } from "./world.ts";

/** The words of `--progress`. */
export type ProgressMode = "auto" | "bar" | "plain" | "off";

/** What decides about how a command shows its progress. */
export interface ProgressWish {
  readonly mode: ProgressMode;
  readonly log: LogOptions;
  /** Data goes to stdout. */
  readonly usesStdout: boolean;
}

/** Where a command speaks to people, and in which form. */
export interface Display {
  readonly terminal: Terminal;
  readonly form: ProgressForm;
  readonly style: TextStyle;
  /** Why a block that was asked for is not shown; null when it is. */
  readonly refusal: string | null;
}

/** Decides how progress is shown on stderr. */
export function openTerminal(world: World, wish: ProgressWish): Display {
  const { stderr, environment } = world;
  const obstacle = obstacleTo(world, wish);
  const isCalm = wish.mode === "bar" || suitsBlock(world, wish.log);
  const wantsBlock = wish.mode === "bar" || wish.mode === "auto";
  const isBlock = wantsBlock && isCalm && obstacle === null;
  const terminal = new Terminal(stderr, { noLiveBlock: !isBlock });
  world.onTerminal?.(terminal);
  const isTTY = stderr.isTTY === true;
  return {
    terminal,
    form: isBlock ? "block" : wish.mode === "off" ? "none" : "lines",
    style: textStyle({ environment, isTTY }),
    refusal: wish.mode === "bar" ? obstacle : null,
  };
}

/** Why a block cannot be drawn; null when it can. */
function obstacleTo(
  { stderr, stdout }: World,
  { usesStdout }: ProgressWish,
): string | null {
  if (stderr.isTTY !== true) return "stderr is no terminal";
  if (usesStdout && stdout.isTTY === true) {
    return "the data goes to the same terminal";
  }
  return null;
}

function suitsBlock(
  { environment }: World,
  { format, level }: LogOptions,
): boolean {
  const isDumb = environment.TERM === "dumb";
  return !isDumb && format === "text" && level !== "silent";
}

/** Says why a block that was asked for is not shown. */
export function tellOfRefusal({ refusal }: Display, log: Logger): void {
  if (refusal === null) return;
  log.warn(`--progress bar cannot be drawn: ${refusal}; plain lines instead`);
}

/** Says that a signal has ended the work, should one have done so. */
export function tellOfStop({ stoppedBy }: World, log: Logger): void {
  const signal = stoppedBy?.() ?? null;
  if (signal !== null) log.info(`stopped by ${signal}`);
}

/** Where lines on progress go: for people, the text says what the fields say. */
export function progressLog(log: Logger, { format }: LogOptions): ProgressLog {
  return {
    info: (fields, text) =>
      format === "json" ? log.info(fields, text) : log.info(text),
  };
}
