import type { Message } from "kafkajs";

/** Messages for one partition, of changing lengths. */
export function numberedMessages(count: number, partition = 0): Message[] {
  return Array.from({ length: count }, (_, index) => ({
    partition,
    key: `k${index}`,
    value: `value ${index} ${"x".repeat(index % 300)}`,
  }));
}
