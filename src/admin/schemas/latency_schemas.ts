import { SPANS } from "../latency_views.ts";
import {
  integer,
  list,
  number,
  object,
  oneOf,
  type Schema,
  text,
} from "./schema.ts";

const NAME = text(
  "queueing, processing, acknowledging, closing, visibility, commit, pause or restore, those that the run measures",
);
const SPAN = oneOf(SPANS, "since the start, since the last reset, a minute");

const SUMMARY_MEMBERS = {
  name: NAME,
  span: SPAN,
  sinceMs: number("wall clock where the span begins"),
  count: integer(),
  minMs: number(),
  meanMs: number(),
  p50Ms: number(),
  p90Ms: number(),
  p99Ms: number(),
  p999Ms: number(),
  p9999Ms: number(),
  p99999Ms: number(),
  maxMs: number(),
};

const PLOT = object({
  ...SUMMARY_MEMBERS,
  points: list(list(number()), "percentile and ms"),
});

const OVERVIEW = object({
  names: list(text()),
  resetAtMs: number("wall clock of the last reset"),
  latencies: list(object(SUMMARY_MEMBERS), "each name in each span"),
});

/** Parameters that choose latencies. */
export const CHOICE = { name: NAME, span: SPAN };

/** All latencies in short, or one of them with its curve. */
export const LATENCY: Schema = { oneOf: [OVERVIEW, PLOT] };

/** After a reset. */
export const RESET = object({
  resetAtMs: number("wall clock, ms: from here on the span reset counts"),
});
