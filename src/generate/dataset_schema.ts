import * as z from "zod/mini";
import { INSTANT_MS } from "../config/instant_types.ts";

const SECONDS_MAX = 86_400;

/** The YAML of the Python generator, as far as it makes visits for Kafka. */
export const DATASET_SCHEMA = mapping({
  dataset: mapping({
    rows: integer(1, 1_000_000_000_000),
    composition_percentage: z.optional(
      mapping({
        duplicates: z.optional(percentage()),
        missing_fields: z.optional(percentage()),
        unprocessable_rows: z.optional(percentage()),
        late_rows_percentage: z.optional(percentage()),
      }),
    ),
  }),
  data_blocker: z.optional(
    mapping({
      type: oneOf("no", "sleep"),
      configuration: z.optional(
        mapping({
          sleep_time_range_seconds: mapping({
            from: integer(0, SECONDS_MAX),
            to: integer(0, SECONDS_MAX),
          }),
        }),
      ),
    }),
  ),
  entity: z.optional(
    mapping({
      type: z.optional(oneOf("visit")),
      configuration: z.optional(mapping({ start_time: z.optional(instant()) })),
    }),
  ),
  generator: z.optional(
    mapping({
      type: oneOf("one-shot", "fixed-times", "continuous"),
      configuration: z.optional(
        mapping({ all_runs: integer(1, 1_000_000_000) }),
      ),
    }),
  ),
  writer: z.optional(
    mapping({
      type: oneOf("kafka"),
      configuration: mapping({
        broker: text("one or more of host:port, with commas between"),
        output_topic: text("the name of a topic"),
        // How long librdkafka lets records wait for others: here they are
        // gathered only while the broker has not answered.
        extra_producer_config: z.optional(
          mapping({
            "queue.buffering.max.ms": z.optional(milliseconds()),
            "linger.ms": z.optional(milliseconds()),
          }),
        ),
      }),
    }),
  ),
});

/** What a dataset file says. */
export type DatasetFile = z.infer<typeof DATASET_SCHEMA>;

/**
 * A mapping of these keys and no others. The message of every issue, here and
 * below, is the part of a sentence that says what would be right.
 */
function mapping<S extends z.core.$ZodLooseShape>(shape: S) {
  const keys = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: ({ code }) =>
      code === "unrecognized_keys" ? `one of ${keys}` : `a mapping of ${keys}`,
  });
}

function integer(from: number, to: number) {
  return z.custom<number>(
    (value) => Number.isInteger(value) && isWithin(value, from, to),
    `a whole number from ${from} to ${to}`,
  );
}

function percentage() {
  return z.custom<number>(
    (value) => isWithin(value, 0, 100),
    "a number from 0 to 100",
  );
}

function milliseconds() {
  return z.custom<number>(
    (value) => isWithin(value, 0, Number.MAX_SAFE_INTEGER),
    "a number of milliseconds",
  );
}

function isWithin(value: unknown, from: number, to: number): boolean {
  return typeof value === "number" && value >= from && value <= to;
}

function text(what: string) {
  return z.custom<string>(
    (value) => typeof value === "string" && value !== "",
    what,
  );
}

function instant() {
  return z.custom<string>(
    (value) =>
      typeof value === "string" && z.safeParse(INSTANT_MS.codec, value).success,
    INSTANT_MS.expected,
  );
}

function oneOf<const T extends string>(...words: readonly T[]) {
  const quoted = words.map((word) => `"${word}"`).join(" or ");
  return z.custom<T>((value) => words.includes(value as T), quoted);
}
