import assert from "node:assert/strict";
import { test } from "node:test";
import { textStyle } from "../../src/observe/text_style.ts";

const TERMINAL = { TERM: "xterm-256color" };

test("textStyle() has colours on terminals that want them", () => {
  const cases: [Record<string, string>, boolean, boolean][] = [
    [TERMINAL, true, true],
    [TERMINAL, false, false],
    [{ ...TERMINAL, NO_COLOR: "1" }, true, false],
    [{ ...TERMINAL, NO_COLOR: "" }, true, true],
    [{ TERM: "dumb" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ ...TERMINAL, FORCE_COLOR: "0" }, true, false],
  ];
  for (const [environment, isTTY, has] of cases) {
    const text = textStyle({ environment, isTTY }).warn("text");
    const expected = has ? "\u001b[33mtext\u001b[39m" : "text";
    assert.equal(text, expected, JSON.stringify({ environment, isTTY }));
  }
});

test("textStyle() draws blocks where the character set has them", () => {
  const cases: [Record<string, string>, boolean][] = [
    [TERMINAL, true],
    [{ ...TERMINAL, LANG: "de_DE.UTF-8" }, true],
    [{ ...TERMINAL, LANG: "C" }, false],
    [{ ...TERMINAL, LANG: "C", LC_ALL: "C.utf8" }, true],
    [{ TERM: "linux" }, false],
  ];
  for (const [environment, has] of cases) {
    const { hasBlocks } = textStyle({ environment, isTTY: true });
    assert.equal(hasBlocks, has, JSON.stringify(environment));
  }
});
