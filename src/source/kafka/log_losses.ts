import { WindowLogError } from "../../errors.ts";
import type { LossListener } from "./partition_assignments.ts";

/** The end of the sentence where a log is not there. */
export const NOT_THERE =
  "the topic, or a partition that is needed, is not there";

/** The error for what a window log lacks. */
export function lostLog(topic: string, what: string): WindowLogError {
  return new WindowLogError(`Cannot restore from topic "${topic}": ${what}`);
}

/** What is committed is there, or it is lost: nothing else will do. */
export function lossesOf(topic: string): LossListener {
  return {
    onNewTopic() {
      throw lostLog(topic, "it was deleted and created anew while it was read");
    },
    onPartitions() {},
    onGone({ partition, offset }, start) {
      throw lostLog(
        topic,
        `partition ${partition} is needed from offset ${offset} on, but its ` +
          `records before ${start} were deleted`,
      );
    },
    onCut({ partition, offset, endOffset }, end) {
      throw lostLog(
        topic,
        `partition ${partition} is needed from offset ${offset} up to ` +
          `${endOffset}, but ${shortLog(end)}`,
      );
    },
  };
}

/** What has become of a log that ends before its end. */
export function shortLog(end: number): string {
  return end === 0
    ? "it is empty: the topic was deleted and created anew"
    : `its log ends at ${end}: it was cut, as an unclean leader election does, ` +
        "or the topic was deleted and created anew";
}
