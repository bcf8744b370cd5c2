import { GROUND_ROOMS, LEAVES } from "./ground_rooms.ts";

/** A folder (or a file at the top of `src`), and what its files may import. */
export interface Room {
  /** Relative to the project; a file belongs to the room with the longest path. */
  readonly path: string;
  /** What it is for, as ARCHITECTURE.md says it. */
  readonly does: string;
  /** Other rooms, all of them further down in the list. */
  readonly knows: readonly string[];
  /** Packages from the registry. */
  readonly packages?: readonly string[];
  /** Bytes and numbers alone: of Node's modules only `node:buffer`. */
  readonly isPure?: true;
}

/** All rooms of the product, from the top of the house to its ground. */
export const ROOMS: readonly Room[] = [
  {
    path: "src/launch.cjs",
    does: "the installed command: finds a Node that is new enough, and starts `src/main` on it",
    knows: [],
  },
  {
    path: "src/main.ts",
    does: "the process: signals, the exit, the first thread",
    knows: ["src/cli", "src/fleet", "src/files", "src/errors.ts"],
  },
  {
    path: "src/cli",
    does: "the command line; with `src/config` and `src/main.ts` the only reader of environment and signals",
    knows: [
      "src/pipeline",
      "src/admin",
      "src/replay",
      "src/state",
      "src/tail",
      "src/ingest",
      "src/generate",
      "src/latency",
      "src/load",
      "src/config",
      "src/observe",
      "src/files",
      "src/errors.ts",
    ],
    packages: ["commander"],
  },
  {
    path: "src/sessionmill.ts",
    does: "what the package exports",
    knows: [
      "src/pipeline",
      "src/replay",
      "src/generate",
      "src/config",
      "src/observe",
      "src/errors.ts",
    ],
  },
  {
    path: "src/pipeline",
    does: "the story: what happens to a source's event and to a shard's report; which parts a run is made of",
    knows: [
      "src/fleet",
      "src/source",
      "src/source/kafka",
      "src/source/lines",
      "src/sink",
      "src/sink/kafka",
      "src/sink/lines",
      "src/sink/encode",
      "src/kafka",
      "src/shard",
      "src/window",
      "src/record",
      "src/wire",
      "src/checkpoint",
      "src/watermark",
      "src/observe",
      "src/config",
      ...LEAVES,
    ],
  },
  {
    path: "workers",
    does: "the threads: of a shard, of the admin server, and of the reader of a load",
    knows: [
      "src/load",
      "src/admin",
      "src/shard",
      "src/record",
      "src/wire",
      "src/errors.ts",
    ],
    packages: ["node:worker_threads", "piscina"],
  },
  {
    path: "src/load",
    does: "loads a job that runs, at fixed rates, and measures it",
    knows: [
      "src/admin",
      "src/generate",
      "src/source/kafka",
      "src/kafka",
      "src/window",
      "src/record",
      "src/latency",
      "src/observe",
      "src/config",
      ...LEAVES,
    ],
    packages: ["kafkajs", "node:worker_threads"],
  },
  {
    path: "src/admin",
    does: "what a running job shows of itself over HTTP",
    knows: [
      "src/admin/page/generated",
      "src/http",
      "src/observe",
      "src/config",
      ...LEAVES,
    ],
    packages: [
      "node:worker_threads",
      "@fastify/swagger",
      "fastify",
      "prom-client",
    ],
  },
  {
    path: "src/admin/page",
    does: "the page at `/`: what runs in the browser, and what makes it one file",
    knows: ["src/latency", "src/observe"],
    packages: ["esbuild", "uplot"],
  },
  {
    path: "src/admin/page/generated",
    does: "the page as texts",
    knows: [],
  },
  {
    path: "src/replay",
    does: "recorded visits and watermarks through the real shards, one step at a time",
    knows: [
      "src/fleet",
      "src/source/lines",
      "src/sink/lines",
      "src/shard",
      "src/window",
      "src/record",
      "src/config",
      ...LEAVES,
    ],
  },
  {
    path: "src/state",
    does: "what a group has committed, looked at and checked from outside",
    knows: [
      "src/source/kafka",
      "src/kafka",
      "src/checkpoint",
      "src/observe",
      "src/record",
      "src/config",
      "src/errors.ts",
    ],
  },
  {
    path: "src/tail",
    does: "the records of a topic of sessions, followed and made readable",
    knows: ["src/source/kafka", "src/observe", "src/record", "src/config"],
    packages: ["zod"],
  },
  {
    path: "src/ingest",
    does: "visits that come over HTTP, judged and written to a topic",
    knows: [
      "src/source/lines",
      "src/http",
      "src/kafka",
      "src/window",
      "src/record",
      "src/config",
      ...LEAVES,
    ],
    packages: ["fastify", "prom-client"],
  },
  {
    path: "src/source/kafka",
    does: "a topic, read by our own fetch loop on kafkajs' connections",
    knows: ["src/source", "src/kafka", "src/record", "src/config", ...LEAVES],
    packages: ["kafkajs"],
  },
  {
    path: "src/source/lines",
    does: "a file or stdin, a record a line",
    knows: [
      "src/source",
      "src/kernel/host",
      "src/record",
      "src/files",
      ...LEAVES,
    ],
  },
  {
    path: "src/source",
    does: "what a source is; the generator as one",
    knows: ["src/generate", "src/kafka", "src/record", "src/config"],
  },
  {
    path: "src/generate",
    does: "the visits of the demo and of load tests",
    knows: [
      "src/sink/lines",
      "src/kafka",
      "src/record",
      "src/config",
      "src/files",
      ...LEAVES,
    ],
    packages: ["zod"],
  },
  {
    path: "src/fleet",
    does: "the shards as main sees them: dealing, tasks, reports, backpressure, threads",
    knows: [
      "src/shard",
      "src/window",
      "src/wire",
      "src/watermark",
      "src/record",
      ...LEAVES,
    ],
    packages: ["piscina"],
  },
  ...GROUND_ROOMS,
];
