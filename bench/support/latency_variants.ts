import { ADMIN } from "./admin_askers.ts";
import { checkoutOf, countsOf, optionError } from "./bench_options.ts";

/** A way to run the processor that is held against others. */
export interface LatencyVariant {
  /** What tells it from the others, empty where it is the only one. */
  readonly name: string;
  /** Options of the processor. */
  readonly args: readonly string[];
  /** Who asks its admin server while it is measured. */
  readonly asker: "page" | "poller" | null;
  /** Another checkout that runs, this one if undefined. */
  readonly checkout: string | undefined;
}

/** Lists, comma-joined; null: left to the processor, or no other checkout. */
export interface VariantOptions {
  readonly guarantee: string;
  readonly admin: string;
  readonly workers: string | null;
  readonly peer: string | null;
}

/** One choice of an option: how it is told, and what it makes of a variant. */
type Choice = { readonly told: string } & Partial<Omit<LatencyVariant, "name">>;

/** Each choice of one option with each of the others, the first ones first. */
export function latencyVariants(options: VariantOptions): LatencyVariant[] {
  const { guarantee, admin, workers, peer } = options;
  let variants: LatencyVariant[] = [
    { name: "", args: [], asker: null, checkout: undefined },
  ];
  for (const choices of [
    guarantee.split(",").map(ofGuarantee),
    admin.split(",").map(ofAdmin),
    ofWorkers(workers),
    ofCheckouts(peer),
  ]) {
    variants = variants.flatMap((variant) =>
      choices.map((choice) => join(variant, choice, choices.length > 1)),
    );
  }
  return variants;
}

function join(
  variant: LatencyVariant,
  { told, args = [], ...more }: Choice,
  isTold: boolean,
): LatencyVariant {
  const name = isTold ? `${variant.name} ${told}`.trim() : variant.name;
  return { ...variant, ...more, name, args: [...variant.args, ...args] };
}

function ofGuarantee(guarantee: string): Choice {
  return { told: guarantee, args: ["--guarantee", guarantee] };
}

function ofAdmin(text: string): Choice {
  if (text === "off") return { told: "admin off", args: ["--admin", "off"] };
  const args = ["--admin", ADMIN];
  if (text === "on") return { told: "admin on", args };
  if (text === "watched") return { told: text, args, asker: "page" };
  if (text === "polled") return { told: text, args, asker: "poller" };
  throw optionError("admin", text, "on, off, watched or polled, comma-joined");
}

function ofWorkers(workers: string | null): Choice[] {
  if (workers === null) return [{ told: "" }];
  return countsOf("workers", workers).map((count) => ({
    told: `${count} workers`,
    args: ["--workers", String(count)],
  }));
}

function ofCheckouts(peer: string | null): Choice[] {
  if (peer === null) return [{ told: "" }];
  const checkout = checkoutOf("peer", peer);
  return [{ told: "peer", checkout }, { told: "ours" }];
}
