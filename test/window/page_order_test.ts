import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import type { EncoderOptions } from "../../src/sink/encode/session_encoder.ts";
import { decodeBatch } from "../support/decode_batches.ts";
import { plainTask } from "../support/plain_task.ts";
import { shardOptions } from "../support/shard_options.ts";
import { StoreDriver } from "../support/store_driver.ts";
import { WINDOW_STORES } from "../support/window_stores.ts";

const ORIGIN_MS = Date.UTC(2024, 9, 27, 1);
const WINDOW = { gapMs: 600_000, allowedLatenessMs: 0 };
const LINES: EncoderOptions = {
  format: "lines",
  withMetadata: false,
  withOrder: false,
};
const KAFKA: EncoderOptions = {
  format: "kafka",
  partitionCount: 1,
  maxRecordBytes: 2 ** 31 - 1,
};

/** An event time as text, and its instant in 10^-15 s. */
interface Moment {
  readonly eventTime: string;
  readonly instant: bigint;
}

const moment: fc.Arbitrary<Moment> = fc
  .record({
    ms: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 200_000 })),
    isWholeMinute: fc.constantFrom(false, false, false, true),
    belowMs: fc.constantFrom("", "", "0", "5", "50", "49", "000000000001", "9"),
    offsetMinutes: fc.constantFrom(0, 60, -330, 345, 1439, -1439),
    form: fc.nat({ max: 3 }),
  })
  .map(({ ms, isWholeMinute, belowMs, offsetMinutes, form }) => {
    const whole = isWholeMinute ? ms - (ms % 60_000) : ms;
    const digits = isWholeMinute ? "" : belowMs;
    const below = BigInt(digits.padEnd(12, "0"));
    const local = new Date(ORIGIN_MS + whole + offsetMinutes * 60_000)
      .toISOString()
      .replace("Z", digits)
      .replace("T", form % 2 === 0 ? "T" : " ");
    const short = isWholeMinute && form > 1 ? local.slice(0, 16) : local;
    return {
      eventTime: short + offsetText(offsetMinutes, form),
      instant: BigInt(whole) * 10n ** 12n + below,
    };
  });

function offsetText(minutes: number, form: number): string {
  if (minutes === 0) return form === 0 ? "Z" : "+00:00";
  const size = Math.abs(minutes);
  const [hours, rest] = [Math.floor(size / 60), size % 60].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${minutes < 0 ? "-" : "+"}${hours}${form > 1 ? ":" : ""}${rest}`;
}

const moments = fc.array(moment, { minLength: 1, maxLength: 12 });

/** The places in the order of arrival, by instant: JavaScript sorts stably. */
function naiveOrder(arrived: readonly Moment[]): number[] {
  return [...arrived.keys()].sort((a, b) => {
    const difference = arrived[a]!.instant - arrived[b]!.instant;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  });
}

function assertOrdered(value: string, arrived: readonly Moment[]): void {
  const session = JSON.parse(value);
  const expected = naiveOrder(arrived).map((place) => ({
    page: String(place),
    event_time: arrived[place]!.eventTime,
  }));
  assert.deepEqual(session.visited_pages, [expected]);
  assert.equal(session.start_time, expected.at(0)!.event_time);
  assert.equal(session.end_time, expected.at(-1)!.event_time);
}

for (const { name, create } of WINDOW_STORES) {
  test(`${name} puts pages in the order of time when asked`, () => {
    fc.assert(
      fc.property(moments, (arrived) => {
        const store = create({ ...WINDOW, pageOrder: "time" });
        const driver = new StoreDriver(store);
        driver.apply(
          arrived.map(({ eventTime }, place) => ({
            visitId: "a",
            eventTime,
            page: String(place),
          })),
        );
        driver.advanceTo(Infinity);
        assert.equal(driver.firings.length, 1);
        assertOrdered(driver.firings[0]!.value, arrived);
      }),
      { numRuns: 1000 },
    );
  });
}

test("a shard puts pages in the order of time, whatever the encoder", async () => {
  const check = async (arrived: readonly Moment[]) => {
    const { chunks } = run(arrived, LINES);
    assertOrdered(Buffer.from(chunks[0]!.bytes).toString(), arrived);
    const batches = run(arrived, KAFKA).chunks;
    const { records } = await decodeBatch(batches[0]!.bytes);
    assertOrdered(records[0]!.value!.toString(), arrived);
  };
  await fc.assert(fc.asyncProperty(moments, check), { numRuns: 50 });
  // So many pages get a room of their own.
  const [many] = fc.sample(fc.array(moment, { minLength: 9000 }), 1);
  await check(many!);
});

/** Gives a shard the visits of one session; returns what it puts out. */
function run(arrived: readonly Moment[], encoder: EncoderOptions) {
  const options = shardOptions({ encoder });
  const window = { ...options.window, pageOrder: "time" as const };
  const shard = createShard({ ...options, window });
  const visits = arrived.map(({ eventTime }, place) =>
    JSON.stringify({ visit_id: "a", event_time: eventTime, page: `${place}` }),
  );
  const values = visits.map((visit) => Buffer.from(visit));
  const header = { sequence: 1, mergedWatermarkMs: Infinity };
  const message = plainTask(header, values, 0);
  const report = shard.handle(message);
  return {
    chunks: new ShardReport(0, { ...report, threadCpuMs: 0 }).chunks(),
  };
}
