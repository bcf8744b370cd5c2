<<<<<<< HEAD

import { GENERAL_OPTIONS } from "./general_options.ts";
import { option, optionalOption, optionType } from "./option.ts";
import { SWITCH, TOKEN } from "./plain_types.ts";

const GROUP = "Admin server:";

/** Where the admin server of a job is, without a path: `http://127.0.0.1:9464`. */
export const ADMIN_URL = optionType<string>(
  'a URL such as "http://127.0.0.1:9464", or its HOST:PORT',
  { parse: parseUrl, format: String },
);

/** The token of the admin server, for who serves it and for who asks it. */
export const ADMIN_TOKEN_OPTIONS = {
=======

import type { Address } from "./config.ts";
import {
  type OptionType,
  optionalOption,
  optionType,
  type ValuesOf,
} from "./option.ts";
import { formatAddress, parseAddress } from "./place_types.ts";
import { TOKEN } from "./plain_types.ts";

const GROUP = "Admin server:";
const DEFAULT_ADDRESS: Address = { host: "127.0.0.1", port: 9464 };

const ADMIN_PLACE: OptionType<Address | "off"> = optionType(
  'HOST:PORT such as "127.0.0.1:9464" or "0.0.0.0:9464", or "off"',
  {
    parse: (text) => (text === "off" ? "off" : parseAddress(text)),
    format: (place) => (place === "off" ? "off" : formatAddress(place)),
  },
);

/** What can be seen of a run over HTTP, and by whom. */
export const ADMIN_OPTIONS = {
  admin: optionalOption(ADMIN_PLACE, {
    flag: "--admin",
    placeholder: "HOST:PORT",
    description: "serve page, metrics and open sessions of the run there, or off",
    group: GROUP,
    defaultNote:
      "127.0.0.1:9464, or the next free port, for an endless topic, else off",
  }),
>>>>>>> 1894438 (Admin server beside a run, in a thread of its own: --admin, --admin-token)
  "admin-token": optionalOption(TOKEN, {
    flag: "--admin-token",
    placeholder: "TOKEN",
    description:
<<<<<<< HEAD
      "Authorization: Bearer TOKEN of the admin server (better in the environment)",
=======
      "ask for Authorization: Bearer TOKEN (better in the environment)",
>>>>>>> 1894438 (Admin server beside a run, in a thread of its own: --admin, --admin-token)
    group: GROUP,
    isSecret: true,
  }),
} as const;

<<<<<<< HEAD
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
  ...ADMIN_TOKEN_OPTIONS,
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
  const isBare = pathname === "/" && search + username + hash === "";
  return isBare ? origin : undefined;
=======
/** Where a run is served, and to whom. */
export interface AdminConfig extends Address {
  /** It was asked for; else another port will do, or none. */
  readonly isGiven: boolean;
  /** Null: whoever reaches it. */
  readonly token: string | null;
}

/** Where a run is served; null for nowhere. */
export function adminConfigOf(
  values: ValuesOf<typeof ADMIN_OPTIONS> & {
    readonly from: { readonly kind: string };
    readonly bounded: boolean;
  },
): AdminConfig | null {
  const { admin, from, bounded, "admin-token": token } = values;
  if (admin === "off") return null;
  if (admin !== null) return { ...admin, isGiven: true, token };
  if (from.kind !== "kafka" || bounded) return null;
  return { ...DEFAULT_ADDRESS, isGiven: false, token };
>>>>>>> 1894438 (Admin server beside a run, in a thread of its own: --admin, --admin-token)
}
