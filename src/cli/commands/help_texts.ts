import { ALL_OPTIONS } from "../../config/all_options.ts";
import { environmentName, type OptionSet } from "../../config/option.ts";

/** Characters that a line of the help may have. */
const COLUMNS = 80;

/** What can stand for a source and for a sink. */
export const PLACES = `
SRC is generator, file:PATH, - (stdin, JSON lines) or kafka:TOPIC. A FIFO ends
when its last writer closes it.
SINK is - (stdout), file:PATH, null or kafka:TOPIC.`;

/** Where else than in a flag the options of a command can be set. */
export function settingsOf(options: OptionSet): string {
  const all = Object.entries(options);
  const ofFlags = all.filter(([, each]) => each.settableIn === "flag");
  const flags = ofFlags.map(([, { flag }]) => flag);
  const foreign = ofFlags
    .map(([, { flag }]) => flag.slice(2))
    .filter((name) => ALL_OPTIONS[name]?.settableIn === "anywhere");
  const renamed = all.filter(
    ([key, each]) => each.settableIn !== "flag" && each.flag !== `--${key}`,
  );
  const sentences = [
    `${listed(flags)} for the command line alone, --config is not for a file.`,
    ...(foreign.length === 0
      ? []
      : [
          `In a file or the environment, ${listed(foreign)} options of other commands.`,
        ]),
    ...renamed.map(
      ([key, { flag }]) =>
        `Only ${flag} differs: here it is ${environmentName(key)}, or ${key} in a file.`,
    ),
  ];
  return `
Options can also be set as SESSIONMILL_<NAME> in the environment or as a line of
--config FILE. Flags win over the environment, that over the file.
${wrapped(sentences.join(" "))}`;
}

/** As the subject of a sentence, with its verb. */
function listed(names: readonly string[]): string {
  const last = names.at(-1)!;
  const others = names.slice(0, -1);
  if (others.length === 0) return `${last} is`;
  return `${others.join(", ")} and ${last} are`;
}

function wrapped(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}
