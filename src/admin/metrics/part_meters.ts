import { DURABILITY_METERS } from "../../observe/durability_meters.ts";
import type {
  PartitionView,
  RunState,
  ShardView,
} from "../../observe/run_view.ts";
import { counter, gauge, labelled, type Meter, seconds } from "./meter.ts";

/** The owned partitions, and the lag as exporters of consumer groups call it. */
export const PARTITION_METERS: readonly Meter[] = [
  partition("position", {
    help: "Offset of the next record to be read.",
    value: (each) => each.position,
  }),
  partition("end_offset", {
    help: "Offset behind the last record of the partition.",
    value: (each) => each.endOffset,
  }),
  partition("lag", {
    help: "Records between position and end of the partition.",
    value: (each) => each.lag,
  }),
  partition("clock_seconds", {
    help: "Highest event time of the partition's visits, as seconds since 1970.",
    value: (each) => seconds(each.clockMs),
  }),
  partition("watermark_seconds", {
    help: "The partition's own watermark, as seconds since 1970.",
    value: (each) => seconds(each.watermarkMs),
  }),
  partition("silent_seconds", {
    help: "Since the partition's last record, or its assignment.",
    value: (each) => seconds(each.silentMs),
  }),
  partition("holds_watermark", {
    help: "1 for the partition that the merged watermark waits for.",
    value: (each) => (each.holdsWatermark ? 1 : 0),
  }),
  labelled("sessionmill_partition_state", {
    kind: "gauge",
    help: "1 for the state that the partition is in: only active ones count for the watermark.",
    labels: ["topic", "partition", "state"],
    read: (state) =>
      state.partitions.flatMap((each) =>
        (["active", "idle", "finished"] as const).map(
          (name) =>
            [
              { ...partitionLabels(state, each), state: name },
              each.state === name ? 1 : 0,
            ] as const,
        ),
      ),
  }),
  labelled("kafka_consumergroup_lag", {
    kind: "gauge",
    help: "Records of the partition that the group has not read yet.",
    labels: ["consumergroup", "topic", "partition"],
    read: (state) =>
      state.job.group === null
        ? []
        : state.partitions.map((each) => [
            {
              consumergroup: state.job.group ?? "",
              ...partitionLabels(state, each),
            },
            each.lag,
          ]),
  }),
];

/** The shards. */
export const SHARD_METERS: readonly Meter[] = [
  shard("open_sessions", {
    kind: "gauge",
    help: "Sessions that the shard holds.",
    value: (each) => each.openSessions,
  }),
  shard("unfired_visits", {
    kind: "gauge",
    help: "Visits in open windows that no firing has held yet.",
    value: (each) => each.unfiredVisits,
  }),
  shard("held_bytes", {
    kind: "gauge",
    help: "Memory of the shard's windows.",
    value: (each) => each.bytesHeld,
  }),
  shard("queued_tasks", {
    kind: "gauge",
    help: "Tasks that the shard was given and has not answered.",
    value: (each) => each.tasksUnderWay,
  }),
  shard("visits_total", {
    kind: "counter",
    help: "Records that the shard has applied.",
    value: (each) => each.visits,
  }),
  shard("cpu_seconds_total", {
    kind: "counter",
    help: "CPU time of the shard's thread.",
    value: (each) => seconds(each.cpuMs),
  }),
];

const UNITS: Readonly<Record<string, string>> = {
  deltaBytes: "log_written_bytes",
  logBytes: "log_bytes",
  liveBytes: "log_live_bytes",
};

/** What a run that commits says of its checkpoints. */
export const CHECKPOINT_METERS: readonly Meter[] = [
  gauge("sessionmill_checkpoint_age_seconds", {
    help: "Since the last commit.",
    value: ({ durability, nowMs }) =>
      durability === null || durability.lastCommitAtMs === null
        ? null
        : seconds(Math.max(0, nowMs - durability.lastCommitAtMs)),
  }),
  ...DURABILITY_METERS.flatMap(({ name, kind, meaning }) => {
    if (kind === "time") return [];
    const base = `sessionmill_checkpoint_${UNITS[name] ?? snakeCase(name)}`;
    const help = `${meaning[0]!.toUpperCase()}${meaning.slice(1)}.`;
    const value = ({ durability }: RunState) =>
      (durability?.[name as "commits"] ?? null) as number | null;
    return kind === "counter"
      ? [counter(`${base}_total`, { help, value })]
      : [gauge(base, { help, value })];
  }),
];

function partition(
  name: string,
  {
    help,
    value,
  }: {
    readonly help: string;
    readonly value: (each: PartitionView) => number | null;
  },
): Meter {
  return labelled(`sessionmill_partition_${name}`, {
    ...{ kind: "gauge", help, labels: ["topic", "partition"] },
    read: (state) =>
      state.partitions.map((each) => [
        partitionLabels(state, each),
        value(each),
      ]),
  });
}

function shard(
  name: string,
  {
    kind,
    help,
    value,
  }: {
    readonly kind: Meter["kind"];
    readonly help: string;
    readonly value: (each: ShardView) => number | null;
  },
): Meter {
  return labelled(`sessionmill_shard_${name}`, {
    ...{ kind, help, labels: ["shard"] },
    read: ({ shards }) =>
      shards.map((each) => [{ shard: each.shard }, value(each)]),
  });
}

/** The topic, or what else is read, without its kind. */
function partitionLabels({ job }: RunState, { partition }: PartitionView) {
  return { topic: job.from.replace(/^kafka:/, ""), partition };
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
