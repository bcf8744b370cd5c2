import { type OptionType, optionType } from "./option.ts";

const TRUE_WORDS = new Set(["true", "yes", "on", "1"]);
const FALSE_WORDS = new Set(["false", "no", "off", "0"]);

/** A switch. */
export const SWITCH: OptionType<boolean> = optionType("true or false", {
  parse: (text) => {
    const word = text.toLowerCase();
    if (TRUE_WORDS.has(word)) return true;
    return FALSE_WORDS.has(word) ? false : undefined;
  },
  format: String,
});

/** Text that is not empty; `what` names it in errors. */
export function textType(what: string): OptionType<string> {
  return optionType(what, {
    parse: (text) => (text === "" ? undefined : text),
    format: String,
  });
}

/** One word of a few. */
export function choiceType<const T extends string>(
  choices: readonly T[],
): OptionType<T> {
  const quoted = choices.map((choice) => `"${choice}"`);
  const last = quoted.pop();
  return optionType(`${quoted.join(", ")} or ${last}`, {
    parse: (text) => choices.find((choice) => choice === text),
    format: String,
  });
}

/**
 * A secret that a client shows as `Authorization: Bearer TOKEN`: characters
 * that stand in a header as they are.
 */
export const TOKEN: OptionType<string> = optionType(
  "16 to 1,024 letters, digits or other visible ASCII characters",
  {
    parse: (text) => (/^[!-~]{16,1024}$/.test(text) ? text : undefined),
    format: String,
  },
);
