import { option, optionalOption } from "./option.ts";
import { kafkaNameType } from "./place_types.ts";
import { choiceType } from "./plain_types.ts";
import { durationRangeType } from "./quantity_types.ts";

const GROUP = "Durability:";
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** What is committed, how often and where. */
export const DURABILITY_OPTIONS = {
  guarantee: optionalOption(
    choiceType(["none", "at-least-once", "exactly-once"]),
    {
      flag: "--guarantee",
      placeholder: "WHAT",
      description: "none, at-least-once or exactly-once",
      group: GROUP,
      defaultNote: "the most that the outputs allow",
    },
  ),
  instance: optionalOption(kafkaNameType("a name that stays"), {
    flag: "--instance",
    placeholder: "NAME",
    description:
      "name of this process in the group: started anew within the session " +
      "timeout, it has its partitions back at once",
    group: GROUP,
  }),
  "commit-interval": optionalOption(durationRangeType(10, 10 * SECOND_MS), {
    flag: "--commit-interval",
    placeholder: "TIME",
    description: "commit outputs, offsets and open sessions this often",
    group: GROUP,
    defaultNote: "100ms, or 250ms with at-least-once",
  }),
  "transaction-timeout": option(durationRangeType(SECOND_MS, 15 * MINUTE_MS), {
    flag: "--transaction-timeout",
    placeholder: "TIME",
    description: "the broker aborts what takes longer to commit",
    group: GROUP,
    defaultText: "10s",
  }),
  "session-timeout": option(durationRangeType(6 * SECOND_MS, 30 * MINUTE_MS), {
    flag: "--session-timeout",
    placeholder: "TIME",
    description: "others take over from a process that is silent this long",
    group: GROUP,
    defaultText: "10s",
  }),
  "window-log": optionalOption(kafkaNameType("the name of a topic"), {
    flag: "--window-log",
    placeholder: "TOPIC",
    description: "topic of the open sessions, made when it is missing",
    group: GROUP,
    defaultNote: "sessionmill-<group>-windows",
  }),
  "shard-timeout": option(durationRangeType(SECOND_MS, 60 * MINUTE_MS), {
    flag: "--shard-timeout",
    placeholder: "TIME",
    description: "start a shard anew that hangs for this long",
    group: GROUP,
    defaultText: "60s",
  }),
} as const;
