import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { StormScenario } from "../scenario.ts";
import { SlowProxy } from "../slow_proxy.ts";
import { lifeOptions } from "./kills.ts";

const DELAY_MS = 5000;
const SLOW_MS = 40_000;
const SAMPLE_MS = 500;
/** More than a job of two shards has in all. */
const RSS_MAX_BYTES = 500e6;
const TRANSACTION_TIMEOUT = "60s";
const RESTARTS_MAX = 3;
const BETWEEN_MS = 5000;

/** What the job writes is acknowledged 5 s late, for a while. */
export const SLOW_SINK: StormScenario = {
  name: "slow-sink",
  says: "answers to what the job writes come 5 s late: bounded, and no rebalance",
  async act(storm) {
    const proxy = await SlowProxy.start(storm.options.broker);
    storm.endWith(() => proxy.close());
    const life = storm.live({
      workers: 2,
      brokers: proxy.brokers,
      flags: ["--transaction-timeout", TRANSACTION_TIMEOUT],
    });
    await storm.progress();
    proxy.delayMs = DELAY_MS;
    let peakBytes = 0;
    for (let ms = 0; ms < SLOW_MS; ms += SAMPLE_MS) {
      await sleep(SAMPLE_MS);
      if (!storm.lives.has(life)) break;
      peakBytes = Math.max(peakBytes, rssBytesOf(life.pid));
    }
    proxy.delayMs = 0;
    const peak = `${Math.round(peakBytes / 1e6)} MB`;
    storm.tell(`${proxy.delayed} answers were late, peak RSS ${peak}`);
    if (proxy.delayed === 0) storm.failed("no answer was late");
    if (peakBytes > RSS_MAX_BYTES) storm.failed(`peak RSS is ${peak}`);
    await storm.progress();
    const joins = life.stderr.match(/partitions are assigned/g)?.length;
    if (joins !== 1) storm.failed(`${joins} rebalances: ${life.stderr}`);
  },
};

/** The second of two brokers goes and comes: leaders and coordinators move. */
export const TWO_BROKERS: StormScenario = {
  name: "two-brokers",
  says: "one of two brokers goes and comes back: leaders, coordinators move",
  isReplicated: true,
  async act(storm, scale) {
    const second = storm.options.second!;
    storm.live({ ...lifeOptions(scale, 1) });
    const times = Math.min(RESTARTS_MAX, scale.kills);
    for (let time = 0; time < 2 * times; time++) {
      await storm.progressEverywhere();
      await sleep(storm.random.below(BETWEEN_MS));
      const signal = time % 2 === 0 ? "SIGTERM" : "SIGKILL";
      await second.stop(signal);
      await storm.progressEverywhere();
      storm.tell(`${signal} ${time + 1}: commits go on without it`);
      await second.launch();
      // Its partitions come back to it.
      await sleep(2 * BETWEEN_MS);
    }
  },
};

function rssBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return 1024 * Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0);
}
