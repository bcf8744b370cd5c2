import { formatAddress, parseAddress } from "./address.ts";
import type { Address } from "./config.ts";
import {
  type OptionType,
  optionalOption,
  optionType,
  type ValuesOf,
} from "./option.ts";
import { OWN_ORIGINS } from "./place_types.ts";
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
    description:
      "serve page, metrics and open sessions of the run there, or off",
    group: GROUP,
    defaultNote:
      "127.0.0.1:9464, or the next free port, for an endless topic, else off",
  }),
  "admin-origin": optionalOption(OWN_ORIGINS, {
    flag: "--admin-origin",
    placeholder: "LIST",
    description:
      "where proxies show it: take requests for these origins too, https://a.example,…",
    group: GROUP,
  }),
  "admin-token": optionalOption(TOKEN, {
    flag: "--admin-token",
    placeholder: "TOKEN",
    description:
      "ask for Authorization: Bearer TOKEN (better in the environment)",
    group: GROUP,
    isSecret: true,
  }),
} as const;

/** Where a run is served, and to whom. */
export interface AdminConfig extends Address {
  /** It was asked for; else another port will do, or none. */
  readonly isGiven: boolean;
  /** Where proxies show it. */
  readonly origins: readonly string[];
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
  const { admin, from, bounded } = values;
  const origins = values["admin-origin"] ?? [];
  const whom = { origins, token: values["admin-token"] };
  if (admin === "off") return null;
  if (admin !== null) return { ...admin, isGiven: true, ...whom };
  if (from.kind !== "kafka" || bounded) return null;
  return { ...DEFAULT_ADDRESS, isGiven: false, ...whom };
}
