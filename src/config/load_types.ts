import { type OptionType, optionType } from "./option.ts";

const RATE = /^(\d+(?:\.\d+)?)([kM]?)(?:\/s)?$/;
const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6 };
const RATE_MAX = 10_000_000;
const PID = /^(?:([a-zA-Z][\w-]*)=)?(\d{1,9})$/;

/** Visits a second, one rate after the other. */
export const RATES: OptionType<readonly number[]> = optionType(
  'rates such as "10k,50k,100k", of 1 to 10M visits a second',
  { parse: parseRates, format: (rates) => rates.join(",") },
);

/** Processes of this machine by a name of the user's; empty for none. */
export const PIDS: OptionType<Readonly<Record<string, number>>> = optionType(
  'ids of processes such as "broker=123,job=456"',
  {
    parse: parsePids,
    format: (pids) =>
      Object.entries(pids)
        .map(([name, pid]) => `${name}=${pid}`)
        .join(","),
  },
);

function parseRates(text: string): number[] | undefined {
  const rates = text.split(",").map((part) => {
    const [, amount, factor = ""] = RATE.exec(part.trim()) ?? [];
    return Math.round(Number(amount) * FACTORS[factor]!);
  });
  return rates.every((rate) => rate >= 1 && rate <= RATE_MAX)
    ? rates
    : undefined;
}

function parsePids(text: string): Record<string, number> | undefined {
  const pids: Record<string, number> = {};
  if (text === "") return pids;
  for (const part of text.split(",")) {
    const [, name, pid] = PID.exec(part.trim()) ?? [];
    if (pid === undefined) return undefined;
    pids[name ?? pid] = Number(pid);
  }
  return pids;
}
