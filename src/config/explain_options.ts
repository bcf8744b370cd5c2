import { GENERAL_OPTIONS } from "./general_options.ts";
import { option, optionalOption, optionType } from "./option.ts";
import { SWITCH, TOKEN } from "./plain_types.ts";

const GROUP = "Admin server:";

/** Where the admin server of a job is, without a slash at its end. */
export const ADMIN_URL = optionType<string>(
  'a URL such as "http://127.0.0.1:9464" or "https://ops.example/job", or its HOST:PORT',
  { parse: parseUrl, format: String },
);

/** Everything that `sessionmill explain` takes. */
export const EXPLAIN_OPTIONS = {
  // Not `admin`, which is where `run` serves it.
  "admin-url": option(ADMIN_URL, {
    flag: "--admin",
    placeholder: "URL",
    description: "where the job is asked",
    group: GROUP,
    defaultText: "http://127.0.0.1:9464",
  }),
  "admin-token": optionalOption(TOKEN, {
    flag: "--admin-token",
    placeholder: "TOKEN",
    description: "the token that the job has (better in the environment)",
    group: GROUP,
    isSecret: true,
  }),
  json: option(SWITCH, {
    flag: "--json",
    description: "print the numbers as JSON",
    group: "Output:",
    defaultText: "false",
    settableIn: "flag",
  }),
  ...GENERAL_OPTIONS,
} as const;

function parseUrl(text: string): string | undefined {
  const whole = /^[^/]+:\d+$/.test(text) ? `http://${text}` : text;
  if (!/^https?:\/\//i.test(whole) || !URL.canParse(whole)) return undefined;
  const { origin, pathname, search, username, hash } = new URL(whole);
  const isBare = search + username + hash === "";
  return isBare ? origin + pathname.replace(/\/+$/, "") : undefined;
}
