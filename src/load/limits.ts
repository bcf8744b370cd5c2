import type { LatencyHistogram } from "../observe/latency.ts";
import { countText, latencyText } from "../observe/number_text.ts";

/** What was reached of what was asked. */
const REACHED_MIN = 0.99;
/** A load that is later than that tells of itself as well. */
const SEND_LATENESS_MAX_MS = 10;

/** What a rate is judged by. */
export interface RateFacts {
  readonly rate: number;
  readonly reachedRate: number;
  readonly send: LatencyHistogram;
  readonly close: LatencyHistogram;
  readonly warmUpSessions: number;
  readonly negatives: number;
  readonly lag: number | null;
  readonly sessionsTopic: string;
  readonly visitsTopic: string;
  readonly foreignRecords: number | null;
  /** It did not wait for its sessions. */
  readonly stoppedEarly: boolean;
}

/** Why the figures of a rate are not those of the job alone; none when they are. */
export function limitsOf(facts: RateFacts): string[] {
  const { rate, reachedRate, send, close, lag, negatives } = facts;
  const { foreignRecords, visitsTopic, stoppedEarly } = facts;
  const limits: string[] = [];
  if (reachedRate < rate * REACHED_MIN) {
    limits.push(
      `the load was the limit: ${countText(reachedRate)} of ${countText(rate)} visits/s were sent, for the load or the broker took no more`,
    );
  }
  const { p99Ms } = send.percentiles();
  if (p99Ms > SEND_LATENESS_MAX_MS) {
    limits.push(
      `the load was late itself: 1 % of its visits were sent ${latencyText(p99Ms)} and more after they were due, which is in all figures`,
    );
  }
  if ((foreignRecords ?? 0) > 0) {
    limits.push(
      `others wrote ${countText(foreignRecords!)} records to topic "${visitsTopic}" meanwhile: the job had both to do, and a load moves its clock by hours, so that theirs may be late`,
    );
  }
  if (negatives > 0) {
    limits.push(
      `${countText(negatives)} sessions bear a time before the visit was due that closed them: the clocks differ, or several processes read the topic, each with the watermark of its own partitions; what is timed from that visit on is too low`,
    );
  }
  if (stoppedEarly) {
    limits.push(
      "it was stopped early: sessions that were still to come are missing here",
    );
    return limits;
  }
  if (close.count === 0) limits.push(noSessions(facts));
  if (lag !== null && lag > 0) {
    limits.push(
      `the job was the limit: it had not read ${countText(lag)} visits when the rate was over, whose sessions are missing here`,
    );
  }
  return limits;
}

function noSessions({ warmUpSessions, sessionsTopic }: RateFacts): string {
  const topic = `topic "${sessionsTopic}"`;
  if (warmUpSessions > 0) {
    return `no session was closed by a visit that counts, in ${topic}: load it for longer`;
  }
  return `no session of this load came in ${topic}: is the job running, does it write there, and are its --gap and --out-of-orderness these? Else load it for longer, or with fewer visitors (--active)`;
}
