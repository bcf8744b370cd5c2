import { type Mark, otherOwner } from "../checkpoint/mark.ts";
import { WorldError } from "../errors.ts";
import type { StateQuery } from "./group_offsets.ts";

/** The log holds what is not of the group in its topic. */
export class NotOwnError extends WorldError {}

/** Whose marks are in a window log that is to be emptied. */
export class MarkOwners {
  readonly #query: StateQuery;
  readonly #isNamed: boolean;
  #hasOwn = false;
  /** The first mark of another topic or group; null: there is none. */
  #other: Mark | null = null;

  /** The group's commits name the log, or they do not. */
  constructor(query: StateQuery, isNamed: boolean) {
    this.#query = query;
    this.#isNamed = isNamed;
  }

  take(mark: Mark): void {
    if (this.#ownerOf(mark) === null) this.#hasOwn = true;
    else this.#other ??= mark;
  }

  /** Throws a `NotOwnError` when windows of another would be deleted too. */
  assertOwn(): void {
    const other = this.#other;
    if (other === null) return;
    const { kafka, topic, windowLog } = this.#query;
    throw new NotOwnError(
      `Cannot reset group "${kafka.group}" in topic "${topic}": window log ` +
        `"${windowLog}" holds windows of ${this.#ownerOf(other)}, which would be deleted; ` +
        this.#remedy(other),
    );
  }

  #remedy(other: Mark): string {
    const { kafka, topic, windowLog } = this.#query;
    const { group } = kafka;
    if (this.#hasOwn) {
      return (
        "those of this group are among them: stop both jobs, delete topic " +
        `"${windowLog}" yourself, and reset each`
      );
    }
    if (this.#isOfOtherTopic(other)) {
      return (
        `name the window log of "${topic}" with --window-log, or reset ` +
        `"${other.topic}" first, with --from kafka:${other.topic}`
      );
    }
    if (!this.#isNamed) {
      return `name the window log of group "${group}" with --window-log`;
    }
    return (
      "it has none of this group, which begins anew with another --window-log " +
      "once its offsets are deleted with Kafka's own tool: " +
      `kafka-consumer-groups --delete-offsets --group ${group} --topic ${topic}`
    );
  }

  #ownerOf(mark: Mark): string | null {
    const { topic, kafka } = this.#query;
    return otherOwner(mark, { topic, group: kafka.group });
  }

  #isOfOtherTopic({ topic }: Mark): boolean {
    return topic !== null && topic !== this.#query.topic;
  }
}
