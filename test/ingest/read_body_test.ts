import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { Refusal } from "../../src/http/refusal.ts";
import { unpackBody } from "../../src/ingest/read_body.ts";

const MAX = 1 << 20;
const LIMITS = { bodyBytesMax: MAX, take() {} };
const TEXT = Buffer.from("visits ".repeat(10_000));

function refusalOf(body: Buffer, encoding: string): Refusal {
  try {
    unpackBody(body, encoding, LIMITS);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  assert.fail("it was unpacked");
}

test("unpackBody() unpacks gzip and zstd, all parts of them", () => {
  assert.equal(unpackBody(TEXT, undefined, LIMITS), TEXT);
  assert.equal(unpackBody(TEXT, "identity", LIMITS), TEXT);
  for (const [encoding, pack] of [
    ["gzip", gzipSync],
    ["GZIP", gzipSync],
    ["x-gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const) {
    assert.deepEqual(unpackBody(pack(TEXT), encoding, LIMITS), TEXT);
    const two = Buffer.concat([pack(TEXT), pack(Buffer.from("!"))]);
    assert.equal(
      String(unpackBody(two, encoding, LIMITS)),
      `${TEXT}!`,
      encoding,
    );
  }
});

test("unpackBody() gives up on what unpacks to too much, in little memory", () => {
  const bomb = Buffer.alloc(96 << 20);
  const bombs = { gzip: gzipSync(bomb), zstd: zstdCompressSync(bomb) };
  const before = process.memoryUsage().rss;
  for (const [encoding, body] of Object.entries(bombs)) {
    assert.ok(body.length < MAX);
    assert.equal(refusalOf(body, encoding).statusCode, 413, encoding);
  }
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 32 << 20, `${grown} bytes`);
  const full = Buffer.alloc(MAX);
  assert.equal(unpackBody(gzipSync(full), "gzip", LIMITS).length, MAX);
  const over = Buffer.concat([
    zstdCompressSync(full),
    zstdCompressSync(Buffer.from("x")),
  ]);
  assert.equal(refusalOf(over, "zstd").statusCode, 413);
});

test("unpackBody() refuses what is not packed so, cut, or followed by others", () => {
  for (const [encoding, pack] of [
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const) {
    const whole = pack(TEXT);
    for (const body of [
      Buffer.alloc(0),
      Buffer.from("{}"),
      whole.subarray(0, whole.length - 5),
      Buffer.concat([whole, Buffer.from("garbage")]),
    ]) {
      const { statusCode, message } = refusalOf(body, encoding);
      assert.equal(statusCode, 400, `${encoding} ${body.length}`);
      assert.match(message, /^Cannot unpack body as (gzip|zstd): /);
    }
  }
});

test("unpackBody() takes no zstd that asks for much memory, or of many frames", () => {
  const params = { [constants.ZSTD_c_windowLog]: 25 };
  const wide = zstdCompressSync(Buffer.alloc(32 << 20), { params });
  const frame = zstdCompressSync(Buffer.alloc(0));
  const many = Buffer.concat(Array<Buffer>(1_000).fill(frame));
  assert.equal(refusalOf(many, "zstd").statusCode, 400);
  assert.match(refusalOf(many, "zstd").message, /more than 64 frames/);
  assert.match(refusalOf(wide, "zstd").message, /too much memory/);
});

test("unpackBody() names the codings that it knows", () => {
  for (const encoding of ["br", "deflate", "gzip, zstd", "constructor"]) {
    const { statusCode, message, headers } = refusalOf(TEXT, encoding);
    assert.equal(statusCode, 415, encoding);
    assert.match(message, /gzip, zstd, got /);
    assert.equal(headers["accept-encoding"], "gzip, zstd");
  }
});
