import { Dealer } from "../../../src/fleet/dealer.ts";
import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import { CommitGate } from "../../../src/pipeline/commit_gate.ts";
import { KernelStore } from "../../../src/window/kernel_store.ts";
import type { PartitionOffset } from "../kafka/group_offsets.ts";
import { ModelKafka } from "../kafka/model_kafka.ts";
import type { Mutation } from "../mutations.ts";
import { START_MS } from "../plan.ts";
import type { DurablePlan, Mishap } from "./durable_plan.ts";
import { LOG_TOPIC, ModelDurable } from "./model_durable.ts";
import { ModelProducer } from "./model_producer.ts";
import { ModelSender } from "./model_sender.ts";
import { ModelTransactions } from "./model_transactions.ts";
import { withoutGone } from "./without_gone.ts";

/** A guard, and the plans that show soonest what it is for. */
export interface DurableMutation extends Mutation {
  /** Makes it likelier to be shown; left out: any plan will do. */
  readonly bend?: (plan: DurablePlan) => DurablePlan;
}

/** Puts methods in the place of others; what it returns puts those back. */
function replace<Class extends object>(
  prototype: Class,
  methods: Partial<Class> & ThisType<Class>,
): () => void {
  const names = Object.keys(methods) as (keyof Class)[];
  const before = names.map(
    (name) =>
      [name, Object.getOwnPropertyDescriptor(prototype, name)!] as const,
  );
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      ...{ value: methods[name], configurable: true, writable: true },
    });
  }
  return () => {
    for (const [name, descriptor] of before) {
      Object.defineProperty(prototype, name, descriptor);
    }
  };
}

/** A plan with so many dynamic members from its start on. */
function withProcesses(plan: DurablePlan, count: number): DurablePlan {
  const startsAtMs = new Array<number>(count).fill(START_MS);
  return { ...plan, startsAtMs, isStatic: false, partitionCount: 3 };
}

function mishapOf(
  { network }: DurablePlan,
  mishap: Pick<Mishap, "kind" | "atMs"> & Partial<Mishap>,
): Mishap {
  const atMs = Math.min(mishap.atMs, network.calmAtMs - 1);
  return { slot: 0, forMs: 400, ...mishap, atMs };
}

/** Guards of a durable run, each with what it is like without it. */
export const DURABLE_MUTATIONS: readonly DurableMutation[] = [
  {
    name: "committed offsets are read while they may still change",
    apply: () => {
      const { offsetFetch } = ModelKafka.prototype;
      return replace(ModelKafka.prototype, {
        offsetFetch(groupId, partitions) {
          const unstable = { requireStable: false };
          return offsetFetch.call(this, groupId, partitions, unstable);
        },
      });
    },
  },
  {
    name: "a commit names the seat of its moment, not of its assignment",
    // Two processes, slow commits, and one that sleeps amid a commit.
    bend: (plan) => ({
      ...withProcesses(plan, 2),
      ...{ sessionTimeoutMs: 1_500, transactionTimeoutMs: 8_000 },
      network: { ...plan.network, slowestMs: 300, troubleOneIn: 0 },
      mishaps: [1_500, 5_000, 8_500].map((ms) =>
        mishapOf(plan, { kind: "freeze", atMs: START_MS + ms, forMs: 1_900 }),
      ),
    }),
    apply: () => {
      const { commit } = ModelProducer.prototype;
      return replace(ModelProducer.prototype, {
        commit(offsets: readonly PartitionOffset[], seat: GroupSeat) {
          const { network } = this;
          // Read as late as the request goes out.
          const late = {
            get memberId() {
              return network.ownSeat.now?.memberId ?? seat.memberId;
            },
            get generationId() {
              return network.ownSeat.now?.generationId ?? seat.generationId;
            },
            groupInstanceId: seat.groupInstanceId,
          };
          return commit.call(this, offsets, late);
        },
      });
    },
  },
  {
    name: "the log is read up to its last stable offset",
    // Partitions that are handed over again and again, by who has just committed.
    bend: (plan) => ({
      ...withProcesses(plan, 3),
      ...{ slowMarkerOneIn: 2, commitIntervalMs: 80 },
      network: { ...plan.network, slowestMs: 3, troubleOneIn: 0 },
      mishaps: [1_000, 2_500, 4_000, 5_500].map((ms, index) => {
        const slot = index % 3;
        const atMs = START_MS + ms;
        return mishapOf(plan, { kind: "stop", atMs, slot });
      }),
    }),
    apply: () => {
      const { readLog } = ModelDurable.prototype;
      return replace(ModelDurable.prototype, {
        readLog(ranges, take) {
          const toTheEnd = ranges.map((range) => ({
            ...range,
            end: this.logOf(range.partition).lastStableOffset,
          }));
          return readLog.call(this, toTheEnd, take);
        },
      });
    },
  },
  {
    name: "the barrier passes what is dealt and not handed on",
    apply: () => replace(Dealer.prototype, { behind: (work) => work() }),
  },
  {
    // That all is acknowledged is looked at once more before the commit.
    name: "a commit does not wait for what it has put out",
    apply: () => {
      const restores = [
        replace(CommitGate.prototype, { written: async () => {} }),
        replace(ModelSender.prototype, { assertDrained: () => {} }),
      ];
      return () => {
        for (const restore of restores) restore();
      };
    },
  },
  {
    name: "the log does not say which sessions are gone",
    apply: () => {
      const { restore } = KernelStore.prototype;
      return replace(KernelStore.prototype, {
        restore(records, _count, owner) {
          const left = withoutGone(records);
          restore.call(this, left.records, left.count, owner);
        },
      });
    },
  },
  {
    name: "the log is deleted up to where the commit will let it begin",
    // Commits that often fail, of logs that are often renewed.
    bend: (plan) => ({
      ...{ ...plan, isStatic: true, commitIntervalMs: 80 },
      network: { ...plan.network, slowestMs: 30, troubleOneIn: 25 },
    }),
    apply: () => {
      const { commit } = ModelTransactions.prototype;
      return replace(ModelTransactions.prototype, {
        async commit(offsets, seat) {
          for (const { partition, metadata } of offsets) {
            const { from } = JSON.parse(metadata);
            this.kafka.partition(LOG_TOPIC, partition).deleteRecords(from);
          }
          await commit.call(this, offsets, seat);
        },
      });
    },
  },
  {
    name: "the log is deleted up to its end",
    apply: () => {
      const { truncate } = ModelDurable.prototype;
      return replace(ModelDurable.prototype, {
        truncate(offsets) {
          const ends = [...offsets.keys()].map(
            (each) => [each, this.logOf(each).lastStableOffset] as const,
          );
          return truncate.call(this, new Map(ends));
        },
      });
    },
  },
  {
    name: "what fires behind a barrier is not held",
    apply: () => {
      const { admit } = CommitGate.prototype;
      return replace(CommitGate.prototype, {
        admit(report) {
          void admit.call(this, report);
          return null;
        },
      });
    },
  },
  {
    name: "what an ended assignment has put out is committed with the next",
    apply: () => {
      const { drop, release } = CommitGate.prototype;
      return replace(CommitGate.prototype, {
        drop() {
          this.hasWritten = false;
          drop.call(this);
        },
        end() {
          release.call(this);
          this.drop();
        },
      });
    },
  },
  {
    // With a seat, what an older life has still under way is refused as well.
    name: "nobody is fenced before offsets are read, and no seat is looked at",
    apply: () => {
      const { add, commit } = ModelProducer.prototype;
      const identified = new WeakMap<ModelProducer, Promise<void>>();
      const identify = (producer: ModelProducer) => {
        const known = identified.get(producer) ?? producer.identify();
        identified.set(producer, known);
        return known;
      };
      const nobody = { memberId: "", generationId: -1, groupInstanceId: null };
      const restores = [
        replace(ModelTransactions.prototype, { open: async () => {} }),
        replace(ModelProducer.prototype, {
          async add(place) {
            await identify(this);
            await add.call(this, place);
          },
          async commit(offsets: readonly PartitionOffset[]) {
            await identify(this);
            await commit.call(this, offsets, nobody);
          },
        }),
      ];
      return () => {
        for (const restore of restores) restore();
      };
    },
  },
];
