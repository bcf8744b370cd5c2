import assert from "node:assert/strict";
import { test } from "node:test";
import { LogBeginning } from "../../src/checkpoint/log_beginning.ts";
import { encodeMark, type Mark } from "../../src/checkpoint/mark.ts";
import { listChunk } from "../support/list_chunk.ts";
import { MARK } from "./marks.ts";

const PUT = "\u0011 as the kernel writes them";

/** Where windows begin in a log, from 10 on, whose commits have a put and a mark each. */
function beginningOf(marks: readonly Partial<Mark>[]): number {
  const beginning = new LogBeginning({
    ...{ topic: "w", partition: 0, start: 10 },
  });
  const records = marks.flatMap((each) => [
    PUT,
    encodeMark({ ...MARK, ...each }).toString(),
  ]);
  // Chunks end anywhere.
  for (const [at, record] of records.entries()) {
    const place = { partition: 0, baseOffset: 10 + at };
    beginning.read(listChunk([record], place));
  }
  return beginning.from;
}

const LOGS: readonly (readonly [
  name: string,
  marks: readonly Partial<Mark>[],
  from: number,
])[] = [
  ["no mark", [], 10],
  ["one after the other", [{ commit: 1 }, { commit: 2 }, { commit: 7 }], 10],
  [
    "of topics that were made anew",
    [
      { commit: 8, topicId: "a" },
      { commit: 9, topicId: "b" },
      { commit: 10, topicId: "c" },
      { commit: 11, topicId: "c" },
    ],
    14,
  ],
  [
    "of a run that began anew",
    [{ commit: 1 }, { commit: 2, isAnew: true }, { commit: 3 }],
    12,
  ],
  ["of a run that counts from one again", [{ commit: 9 }, { commit: 1 }], 12],
  [
    "where brokers know of no ids",
    [{ commit: 1 }, { commit: 2, topicId: null }],
    10,
  ],
];

for (const [name, marks, from] of LOGS) {
  test(`LogBeginning: marks ${name}`, () => {
    assert.equal(beginningOf(marks), from);
  });
}
