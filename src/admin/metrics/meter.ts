import type { RunState } from "../../observe/run_view.ts";
import type { History } from "../history.ts";

/** Labels of a value, which tell it from the others of its meter. */
export type Labels = Readonly<Record<string, string | number>>;

/** A value with its labels; null: there is none now. */
export type Reading = readonly [labels: Labels, value: number | null];

/** What meters read from. */
export interface MeterInput {
  readonly state: RunState;
  readonly history: History;
}

/** A metric of Prometheus, in its base units, and how it is read. */
export interface Meter {
  readonly name: string;
  readonly help: string;
  readonly kind: "counter" | "gauge";
  readonly labels: readonly string[];
  read(input: MeterInput): readonly Reading[];
}

/** What a meter of one value is made from. */
interface PlainMeter {
  readonly help: string;
  value(state: RunState, history: History): number | null;
}

/** A counter without labels. */
export function counter(name: string, { help, value }: PlainMeter): Meter {
  return plain("counter", name, { help, value });
}

/** A gauge without labels. */
export function gauge(name: string, { help, value }: PlainMeter): Meter {
  return plain("gauge", name, { help, value });
}

function plain(
  kind: Meter["kind"],
  name: string,
  { help, value }: PlainMeter,
): Meter {
  return {
    ...{ kind, name, help, labels: [] },
    read: ({ state, history }) => [[{}, value(state, history)]],
  };
}

/** What a meter of several values is made from. */
interface LabelledMeter {
  readonly kind: Meter["kind"];
  readonly help: string;
  readonly labels: readonly string[];
  read(state: RunState): readonly Reading[];
}

/** A meter with labels. */
export function labelled(
  name: string,
  { read, ...rest }: LabelledMeter,
): Meter {
  return { ...rest, name, read: ({ state }) => read(state) };
}

/** Ms as seconds. */
export function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
