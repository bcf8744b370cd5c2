import { pino } from "pino";
import { WALL_CLOCK } from "../../src/clock.ts";
import type { Outputs } from "../../src/pipeline/outputs.ts";
import type {
  Fleet,
  PipelineParts,
  PipelineSettings,
} from "../../src/pipeline/pipeline_parts.ts";
import type { SessionSink, SideSink } from "../../src/sink/sink.ts";
import type {
  PartitionProgress,
  Source,
  SourceEvent,
} from "../../src/source/source.ts";
import { countRowParts } from "../../src/window/row_part.ts";
import { listChunk } from "../support/list_chunk.ts";
import { localThreads } from "../support/local_threads.ts";
import { shardOptions } from "../support/shard_options.ts";

/** Where the parts of a run are made to fail. */
export type FailurePoint =
  | "source opens"
  | "source reads"
  | "source closes"
  | "outputs open"
  | "fleet starts"
  | "shard dies"
  | "sink writes"
  | "sink closes"
  | "late closes"
  | "fleet ends";

/** What a run of fakes is made of, and what has become of them. */
export interface FakeRun {
  readonly parts: PipelineParts;
  /** Parts that are open, by name. */
  readonly open: Set<string>;
  /** Bytes of the sessions that were written. */
  readonly written: string[];
}

/** A log that nobody reads. */
export const SILENT_LOG = pino({ level: "silent" });

/** Settings of a run without histograms. */
export const SETTINGS: PipelineSettings = {
  idleTimeoutMs: 0,
  maxInFlightBytes: 1 << 20,
  window: { outOfOrdernessMs: 0, maxSkewMs: null },
  histograms: null,
  existingFile: "refuse",
};

/** The failure of a part. */
export function failureAt(point: FailurePoint): Error {
  return new Error(`Cannot go on: ${point}`);
}

/**
 * Parts for a run over one visit each of so many visitors, which fail where
 * they are told to.
 */
export function fakeRun(
  visitors: number,
  points: readonly FailurePoint[] = [],
): FakeRun {
  const open = new Set<string>();
  const written: string[] = [];
  const check = (point: FailurePoint) => {
    if (points.includes(point)) throw failureAt(point);
  };
  const sessions: SessionSink = {
    async open() {},
    async write(chunks) {
      check("sink writes");
      for (const { bytes } of chunks)
        written.push(Buffer.from(bytes).toString());
    },
    async close() {
      open.delete("sessions");
      check("sink closes");
    },
  };
  const late: SideSink = {
    async open() {},
    async write() {},
    async close() {
      open.delete("late");
      check("late closes");
    },
  };
  return {
    open,
    written,
    parts: {
      source: new FakeSource(visitors, { open, check }),
      async openOutputs(): Promise<Outputs> {
        check("outputs open");
        open.add("sessions").add("late");
        const none = { deadLetters: null, sender: null };
        return { sessions, late, ...none, encoder: LINES };
      },
      fleet: fakeFleet({ open, check }),
      shardOptions: () => [],
      clock: WALL_CLOCK,
      roundRecords: null,
    },
  };
}

const LINES = {
  format: "lines",
  withMetadata: false,
  withOrder: false,
} as const;

interface Fault {
  readonly open: Set<string>;
  readonly check: (point: FailurePoint) => void;
}

/** Two real shards in this thread. */
function fakeFleet({ open, check }: Fault): Fleet {
  open.add("fleet");
  const threads = localThreads(
    [0, 1].map((shard) =>
      shardOptions({ shard, shardCount: 2, encoder: LINES }),
    ),
  );
  return {
    ...threads,
    async ready() {
      check("fleet starts");
    },
    async run(shard, message) {
      const parts = countRowParts(message.rows) + message.shared.length;
      if (shard === 1 && parts > 0) check("shard dies");
      return await threads.run(shard, message);
    },
    async destroy() {
      open.delete("fleet");
      check("fleet ends");
    },
  };
}

class FakeSource implements Source {
  readonly topic = "visits";
  readonly partitionCount = 1;
  readonly goneRecords = 0;
  readonly isReady = false;
  readonly #visitors: number;
  readonly #fault: Fault;
  #isStopped = false;

  constructor(visitors: number, fault: Fault) {
    this.#visitors = visitors;
    this.#fault = fault;
  }

  async open(): Promise<void> {
    this.#fault.open.add("source");
    this.#fault.check("source opens");
  }

  async *events(): AsyncIterable<SourceEvent> {
    yield {
      kind: "assigned",
      partitions: [0],
      restarted: [0],
      topicId: null,
      seat: null,
    };
    for (let i = 0; i < this.#visitors && !this.#isStopped; i++) {
      const visit = {
        visit_id: `visitor ${i}`,
        event_time: "2024-06-01T00:00:00Z",
      };
      const place = { partition: 0, baseOffset: i };
      const chunk = listChunk([JSON.stringify(visit)], place);
      yield { kind: "records", chunk };
      await WALL_CLOCK.turn();
      if (i === 5) this.#fault.check("source reads");
    }
    if (!this.#isStopped) yield { kind: "finished", partition: 0 };
  }

  begin(): void {}

  partitions(): readonly PartitionProgress[] {
    return [];
  }

  stop(): void {
    this.#isStopped = true;
  }

  async close(): Promise<void> {
    this.#fault.open.delete("source");
    this.#fault.check("source closes");
  }
}
