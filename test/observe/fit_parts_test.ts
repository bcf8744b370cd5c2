import assert from "node:assert/strict";
import { test } from "node:test";
import { fitParts } from "../../src/observe/fit_parts.ts";

const PARTS = [
  { texts: ["52,341/s"], rank: 0 },
  { texts: ["38 late"], rank: 2 },
  { texts: ["321 rejected", "321 rej."], rank: 1 },
  { texts: ["▁▂▃▄▅▆▇█", "▅▆▇█", ""], rank: 9 },
];

test("fitParts() shortens, then leaves out, the highest rank first", () => {
  const fit = (room: number) => fitParts(PARTS, room);
  assert.equal(fit(80), "52,341/s  38 late  321 rejected  ▁▂▃▄▅▆▇█");
  assert.equal(fit(40), "52,341/s  38 late  321 rejected  ▅▆▇█");
  assert.equal(fit(36), "52,341/s  38 late  321 rejected");
  assert.equal(fit(30), "52,341/s  38 late  321 rej.");
  assert.equal(fit(26), "52,341/s  321 rej.");
  assert.equal(fit(17), "52,341/s");
  assert.equal(fit(7), "");
  assert.equal(fit(-5), "");
});

test("fitParts() cuts no part, in any room, and measures without paint", () => {
  const paint = (text: string) => `<${text}>`;
  const painted = PARTS.map((part) => ({ ...part, paint }));
  const allowed = PARTS.flatMap(({ texts }) => texts);
  for (let room = 0; room < 60; room++) {
    const line = fitParts(painted, room);
    assert.equal(line.replace(/[<>]/g, ""), fitParts(PARTS, room));
    for (const [, text] of line.matchAll(/<(.*?)>/g)) {
      assert.ok(allowed.includes(text!), `${room}: ${text}`);
    }
  }
});
