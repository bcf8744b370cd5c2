import assert from "node:assert/strict";
import { test } from "node:test";
import { recordedTerminal } from "./support.ts";

const K = "\u001b[K";
const J = "\u001b[J";
const up = (rows: number) => `\r\u001b[${rows}A`;

test("Terminal rewrites its block in place, and ends at its last line's start", () => {
  const { terminal, written } = recordedTerminal({ isTTY: true, columns: 20 });
  terminal.setBlock(["one 1", "two 1"]);
  terminal.setBlock(["one 2", "two 2"]);
  terminal.setBlock([]);
  terminal.setBlock([]);
  assert.deepEqual(written, [
    `\r${J}one 1${K}\ntwo 1${J}\r`,
    `${up(1)}one 2${K}\ntwo 2${J}\r`,
    `${up(1)}${J}${J}\r`,
  ]);
});

test("Terminal writes lines above the block, in one write", () => {
  const { terminal, written } = recordedTerminal({ isTTY: true, columns: 20 });
  terminal.write("first\n");
  terminal.setBlock(["one", "two"]);
  terminal.write("second\n");
  assert.deepEqual(written.slice(0, 1), ["first\n"]);
  assert.deepEqual(written.slice(2), [
    `${up(1)}${J}second\none${K}\ntwo${J}\r`,
  ]);
});

test("Terminal erases what a shorter line would leave behind", () => {
  const { terminal, written } = recordedTerminal({ isTTY: true, columns: 20 });
  terminal.setBlock(["longer", "x"]);
  terminal.setBlock(["short", "x"]);
  assert.equal(written[1], `${up(1)}${J}short${K}\nx${J}\r`);
});

test("Terminal that has become narrower goes up over the rows that it wrapped", () => {
  const size = { isTTY: true, columns: 40, rows: 24 };
  const { terminal, written } = recordedTerminal(size);
  terminal.setBlock(["y".repeat(39), "z".repeat(20), "last"]);
  size.columns = 20;
  terminal.write("a line\n");
  // Two rows and one; what is drawn again fits.
  const [first, second] = ["y".repeat(19), "z".repeat(19)];
  assert.equal(
    written[1],
    `${up(3)}${J}a line\n${first}${K}\n${second}${K}\nlast${J}\r`,
  );
});

test("Terminal cuts a line to the width, with its colours, and takes 80 for 0", () => {
  const size = { isTTY: true, columns: 6 };
  const { terminal, written } = recordedTerminal(size);
  terminal.setBlock(["\u001b[1m1234567\u001b[22m"]);
  assert.equal(written[0], `\r${J}12345${J}\r`);
  size.columns = 0;
  assert.equal(terminal.room, 79);
});

test("Terminal keeps a block below the height of the screen", () => {
  const size = { isTTY: true, columns: 40, rows: 3 };
  const { terminal, written } = recordedTerminal(size);
  terminal.setBlock(["1", "2", "3", "4"]);
  assert.equal(written[0], `\r${J}1${K}\n2${J}\r`);
});

test("Terminal that is none, or is to have no block, shows none", () => {
  for (const isTTY of [false, true]) {
    const stream = { isTTY, noLiveBlock: isTTY };
    const { terminal, written } = recordedTerminal(stream);
    terminal.setBlock(["one"]);
    terminal.write("a line\n");
    assert.equal(terminal.isLive, false);
    assert.deepEqual(written, ["a line\n"]);
  }
});
