import assert from "node:assert/strict";
import dns from "node:dns/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exchange, exchangeHalfClosed } from "../support/raw_exchange.ts";
import { MadeView } from "./made_view.ts";
import { servedAdmin } from "./served_admin.ts";

function requestOf(line: string, headers: readonly string[], body = "") {
  const head = [`${line} HTTP/1.1`, "connection: close", ...headers];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

test("heads that are not served are answered in the form of all failures", async (t) => {
  const { url } = await servedAdmin(t, new MadeView());
  const host = `host: ${new URL(url).host}`;
  const packed = requestOf(
    "POST /latency/reset",
    [host, "transfer-encoding: gzip, chunked"],
    "0\r\n\r\n",
  );
  const lost = [host, "content-type: x", "content-length: 0"];
  const cases: [string, number, RegExp][] = [
    [requestOf("GET /state", []), 400, /it names no host/],
    [requestOf("GET /state", [host, host]), 400, /more than one Host header/],
    [requestOf("GET /state", [host, "expect: x"]), 417, /expect 100-continue/],
    [packed, 501, /must be chunked, got "gzip, chunked"/],
    [requestOf("POST /stat", lost), 404, /did you mean "\/state"/],
    [requestOf(`PUT ${url}/state?a`, [host]), 405, /PUT \/state: it takes GET/],
    [requestOf("GET http://evil/state", [host]), 403, /the host "evil"/],
    [requestOf("GET http://evil?a", [host]), 403, /the host "evil"/],
    [
      requestOf("CONNECT evil:443", [host]),
      400,
      /CONNECT, and this is no prox/,
    ],
    [requestOf("FOO /state", [host]), 501, /its method is not known here/],
    [requestOf("GETS /state", [host]), 501, /its method is not known here/],
    [requestOf("GET /state", ["host : x"]), 400, /a header of it is malformed/],
    ["GET /state HTTP/3.7\r\n\r\n", 400, /its version is not 1.1/],
    ["hello\r\n\r\n", 400, /it is not HTTP\/1\.1/],
  ];
  for (const [bytes, status, sentence] of cases) {
    const answer = await exchange(url, bytes);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), bytes);
    assert.match(answer, /^content-type: application\/json/m);
    assert.match(answer, /^x-content-type-options: nosniff/m);
    const [, body] = answer.split("\r\n\r\n") as [string, string];
    assert.match(JSON.parse(body).error, sentence);
  }
});

test("a client that sends no more gets its answer", async (t) => {
  const view = new MadeView();
  view.state = async () => {
    await sleep(100);
    return view.now;
  };
  const { url } = await servedAdmin(t, view);
  const bytes = `GET /state HTTP/1.1\r\nhost: ${new URL(url).host}\r\n\r\n`;
  assert.match(await exchangeHalfClosed(url, bytes), /^HTTP\/1\.1 200 /);
});

test("localhost is one server at all its addresses", async (t) => {
  const addresses = ["127.0.0.1", "127.0.0.2"];
  t.mock.method(dns, "lookup", async () =>
    addresses.map((address) => ({ address, family: 4 })),
  );
  const { port } = await servedAdmin(t, new MadeView(), { host: "localhost" });
  for (const address of addresses) {
    const url = `http://${address}:${port}`;
    const bad = await exchange(url, "hello\r\n\r\n");
    assert.match(bad, /it is not HTTP\/1\.1/);
    assert.match(bad, /^x-content-type-options: nosniff/m);
    const health = requestOf("GET /healthz", ["host: localhost"]);
    assert.match(await exchange(url, health), /^HTTP\/1\.1 200 /);
  }
});
