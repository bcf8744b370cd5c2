import { KERNEL_ROOMS } from "./kernel_rooms.ts";

/** What nearly all others may know. */
export const LEAVES = ["src/errors.ts", "src/clock.ts"];

/** The rooms that others stand on: shards, sinks, the client, what is told, windows, records. */
export const GROUND_ROOMS = [
  {
    path: "src/shard",
    does: "a task in, a report out; no clock, no timer, no I/O",
    knows: [
      "src/sink/encode",
      "src/window",
      "src/kernel/host",
      "src/record",
      "src/wire",
      "src/watermark",
      "src/config",
      "src/errors.ts",
    ],
    isPure: true,
  },
  {
    path: "src/sink/kafka",
    does: "sessions, late visits and dead letters into topics",
    knows: ["src/sink", "src/kafka", "src/record", "src/wire", "src/errors.ts"],
  },
  {
    path: "src/sink/lines",
    does: "the same into files and stdout",
    knows: ["src/sink", "src/wire", "src/files", "src/errors.ts"],
  },
  {
    path: "src/sink/encode",
    does: "sessions as bytes, inside the shard",
    knows: ["src/window", "src/kernel/host", "src/wire"],
    isPure: true,
  },
  { path: "src/sink", does: "what a sink is", knows: ["src/wire"] },
  {
    path: "src/http",
    does: "what our HTTP servers share: listening, tokens, and requests that are not served",
    knows: ["src/config", "src/errors.ts"],
    packages: ["fastify"],
  },
  {
    path: "src/kafka",
    does: "the client; `private/` has every import of kafkajs' own modules",
    knows: [
      "src/checkpoint",
      "src/observe",
      "src/record",
      "src/config",
      ...LEAVES,
    ],
    packages: ["kafkajs"],
  },
  {
    path: "src/latency",
    does: "files of latency histograms: reading, comparing, drawing",
    knows: ["src/observe", "src/config", "src/files", "src/errors.ts"],
    packages: ["hdr-histogram-js"],
  },
  {
    path: "src/observe",
    does: "histograms, texts for people, the log",
    knows: ["src/window", "src/files", ...LEAVES],
    packages: ["hdr-histogram-js", "pino"],
  },
  {
    path: "src/wire",
    does: "what main and a shard tell each other: schemas, generated code, thin codecs, names of counters",
    knows: ["src/window", "src/record", "src/errors.ts"],
    packages: ["flatbuffers"],
    isPure: true,
  },
  {
    path: "src/window",
    does: "the windows as the shard sees them; reading and rejecting visits",
    knows: [
      "src/kernel/host",
      "src/kernel/codes.ts",
      "src/record",
      "src/errors.ts",
    ],
    isPure: true,
  },
  ...KERNEL_ROOMS,
  {
    path: "src/checkpoint",
    does: "what a commit says of a run's state, and where it stands in the window log",
    knows: ["src/watermark", "src/record", "src/config", "src/errors.ts"],
  },
  {
    path: "src/watermark",
    does: "clocks, partition states, merging: pure",
    knows: [],
    isPure: true,
  },
  {
    path: "src/record",
    does: "Kafka's record format as bytes; knows no client",
    knows: ["src/errors.ts"],
    packages: ["@node-rs/crc32", "lz4-napi", "snappy"],
  },
  {
    path: "src/config",
    does: "options, their files and checks; one frozen `RunConfig`",
    knows: ["src/files", "src/errors.ts"],
    packages: ["yaml", "zod"],
  },
  {
    path: "src/files",
    does: "files of any kind: opening them without a wait, making folders, why one cannot be read or written, and who takes no writes",
    knows: ["src/errors.ts"],
  },
  { path: "src/errors.ts", does: "the kinds of failure", knows: [] },
  { path: "src/clock.ts", does: "time as a run sees it", knows: [] },
] as const;
