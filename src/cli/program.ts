import { Command, CommanderError, Option } from "commander";
import type { OptionSet } from "../config/option.ts";
import { printConfig } from "../config/print_config.ts";
import { packageVersion } from "../observe/package_version.ts";
import type { CommandDefinition } from "./command.ts";
import { addOptions, givenFlags } from "./commander_options.ts";
import { EXPLAIN_COMMAND } from "./commands/explain_command.ts";
import { GENERATE_COMMAND } from "./commands/generate_command.ts";
import { INGEST_COMMAND } from "./commands/ingest_command.ts";
import { LATENCY_COMMAND } from "./commands/latency_command.ts";
import { LOAD_COMMAND } from "./commands/load_command.ts";
import { REPLAY_COMMAND } from "./commands/replay_command.ts";
import { RUN_COMMAND } from "./commands/run_command.ts";
import { STATE_COMMAND } from "./commands/state_command.ts";
import { TAIL_COMMAND } from "./commands/tail_command.ts";
import { logLinesOfConfig } from "./config_file_lines.ts";
import {
  earlyFailureForm,
  type FailureForm,
  reportFailure,
} from "./failure.ts";
import { loadOptions } from "./load_options.ts";
import { type KnownCommand, usageErrorOf } from "./usage_error.ts";
import type { World } from "./world.ts";

const DESCRIPTION =
  "Turns a stream of page visits into sessions, exactly, on every core.";
const HELP_OPTION = new Option("-h, --help", "print this help").helpGroup(
  "General:",
);
const FOOTER = `
Without a command it is a demo: 200,000 generated visits become sessions in a
file of a new temporary folder. "sessionmill run --help" shows the options of the real job.
`;

/** Does what the arguments say; resolves to the exit code, never throws. */
export async function runProgram(outside: World): Promise<number> {
  const { argv, environment, stderr } = outside;
  let form: FailureForm | null = null;
  const world: World = {
    ...outside,
    onFailureForm(known) {
      form = known;
      outside.onFailureForm?.(known);
    },
  };
  try {
    if (argv.length === 0) {
      const { runDemo } = await import("./demo.ts");
      return await runDemo(world);
    }
    return await parse(world);
  } catch (error) {
    const lines = () => logLinesOfConfig(argv, environment);
    form ??= earlyFailureForm(argv, environment, lines());
    return reportFailure(error, { ...form, stderr, task: "start" });
  }
}

async function parse(world: World): Promise<number> {
  let exitCode = 0;
  const program = createProgram(world);
  const commands = new Map<string, KnownCommand>();
  const add = <S extends OptionSet>(definition: CommandDefinition<S>): void => {
    const command = addCommand(program, definition);
    commands.set(definition.name, definition);
    command.action(async (...parameters: unknown[]) => {
      const given = definition.argument === null ? [] : [parameters[0]];
      exitCode = await act(definition, {
        world,
        allArguments: given.flat().map(String),
        flags: givenFlags(command, definition.options),
      });
    });
  };
  add(RUN_COMMAND);
  add(GENERATE_COMMAND);
  add(INGEST_COMMAND);
  add(REPLAY_COMMAND);
  add(STATE_COMMAND);
  add(EXPLAIN_COMMAND);
  add(LOAD_COMMAND);
  add(TAIL_COMMAND);
  add(LATENCY_COMMAND);
  try {
    await program.parseAsync(world.argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0)
      throw usageErrorOf(error, { argv: world.argv, commands });
  }
  return exitCode;
}

function createProgram(world: World): Command {
  return new Command("sessionmill")
    .description(DESCRIPTION)
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", FOOTER)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      // Errors are told once, at the end, in our own words.
      writeErr: () => {},
    });
}

function addCommand<S extends OptionSet>(
  program: Command,
  definition: CommandDefinition<S>,
): Command {
  const command = program
    .command(definition.name)
    .description(definition.summary)
    .addHelpOption(HELP_OPTION)
    .allowExcessArguments(false)
    .addHelpText("after", definition.footer);
  if (definition.argument !== null) {
    const { name, description, defaultText, isVariadic } = definition.argument;
    const term = isVariadic === true ? `${name}...` : name;
    if (defaultText === undefined) command.argument(`<${term}>`, description);
    else command.argument(`[${name}]`, description, defaultText);
  }
  addOptions(command, definition.options);
  return command;
}

interface Invocation {
  readonly world: World;
  readonly allArguments: readonly string[];
  readonly flags: Readonly<Record<string, string | boolean>>;
}

async function act<S extends OptionSet>(
  definition: CommandDefinition<S>,
  { world, allArguments, flags }: Invocation,
): Promise<number> {
  const { options } = definition;
  let resolved = await loadOptions(options, { flags, world });
  const presets = await definition.presets?.(resolved.values, world);
  if (presets) resolved = await loadOptions(options, { flags, presets, world });
  const { values, origins } = resolved;
  const form = {
    isJson: values["log-format"] === "json",
    isDebug: values["log-level"] === "debug",
  };
  world.onFailureForm?.(form);
  if (values["print-config"] === true) {
    const effective = await definition.effective?.(values);
    world.stdout.write(printConfig(options, resolved, effective));
    return 0;
  }
  try {
    const [argument = ""] = allArguments;
    const call = { values, origins, argument, allArguments, world };
    return await definition.act(call);
  } catch (error) {
    const { stderr } = world;
    return reportFailure(error, { ...form, stderr, task: definition.name });
  }
}
