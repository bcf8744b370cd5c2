import assert from "node:assert/strict";
import { test } from "node:test";
import { visitJson } from "../e2e/produce.ts";
import { exchange, exchangeHalfClosed } from "../support/raw_exchange.ts";
import { testKafka } from "../support/test_kafka.ts";
import { startIngest } from "./running_ingest.ts";

const { brokers, newTopic } = await testKafka();
const topic = await newTopic("visits", { partitions: 3 });

const ORIGIN = "https://shop.example";
const JSON_TYPE = "content-type: application/json";

/** A request; it ends its connection unless its answer does. */
function requestOf(line: string, headers: readonly string[], body = "") {
  const head = [`${line} HTTP/1.1`, "connection: close", ...headers];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** The one of a visit. */
function postOf(visit: string, headers: readonly string[] = []): string {
  const length = `content-length: ${visit.length}`;
  const all = [`host: x\r\n${JSON_TYPE}`, length, ...headers];
  return requestOf("POST /visits", all, visit);
}

interface OddRequest {
  readonly bytes: string;
  readonly status: number;
  readonly sentence: RegExp;
  readonly header?: RegExp;
}

const ODD: readonly OddRequest[] = [
  {
    bytes: requestOf("GET /visits%zz", ["host: x", `origin: ${ORIGIN}`]),
    status: 400,
    sentence: /its address has a % that encodes nothing/,
    header: /^access-control-allow-origin: https:\/\/shop\.example\r/m,
  },
  {
    bytes: requestOf("GET /visits%zz", [
      "host: x",
      "origin: https://x.example",
    ]),
    status: 403,
    sentence: /its Origin is none of those of --cors/,
  },
  {
    bytes: requestOf("GET /healthz", []),
    status: 400,
    sentence: /it names no host/,
  },
  {
    bytes: requestOf("GET /healthz", ["host: x", "Host: x"]),
    status: 400,
    sentence: /it has more than one Host header/,
  },
  {
    bytes: postOf("{}", ["expect: foo"]),
    status: 417,
    sentence: /it may expect 100-continue alone, got "foo"/,
  },
  {
    bytes: requestOf(
      "POST /visits",
      ["host: x", JSON_TYPE, "transfer-encoding: gzip, chunked"],
      "2\r\n{}\r\n0\r\n\r\n",
    ),
    status: 501,
    sentence: /Transfer-Encoding must be chunked, got "gzip, chunked"/,
  },
  {
    bytes: requestOf(
      "POST /visits",
      ["host: x", JSON_TYPE, "transfer-encoding: chunked", `origin: ${ORIGIN}`],
      "5\r\nhello\r\nZZZ\r\n",
    ),
    status: 400,
    sentence: /it is not HTTP\/1\.1/,
    header: /^access-control-allow-origin: https:\/\/shop\.example\r/m,
  },
  {
    bytes: requestOf(
      "POST /visits",
      ["host: x", JSON_TYPE, "transfer-encoding: chunked"],
      `2;a=${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    ),
    status: 413,
    sentence: /its chunks have too many extensions/,
  },
  {
    bytes: postOf("{}", ["content-length: 3"]),
    status: 400,
    sentence: /it is not HTTP\/1\.1/,
  },
  {
    bytes: postOf("{}", []).replace("application/json", "foo"),
    status: 415,
    sentence: /Content-Type must be application\/json .*, got "foo"/,
  },
  {
    bytes: postOf("{}", []).replace(JSON_TYPE, "content-encoding: foo"),
    status: 415,
    sentence: /Content-Type must be application\/json .*, got none/,
  },
  ...["/metrics", "/metrics?a=b", "http://x/readyz", "/healthz"].map(
    (path) => ({
      bytes: requestOf(`POST ${path}`, ["host: x", "content-length: 0"]),
      status: 405,
      sentence: /it takes GET, HEAD$/,
      header: /^allow: GET, HEAD\r/m,
    }),
  ),
  ...["GET /visits", "PUT https://x/visits?a=b", "OPTIONS /visits"].map(
    (line) => ({
      bytes: requestOf(line, ["host: x"]),
      status: 405,
      sentence: /it takes POST$/,
      header: /^allow: POST\r/m,
    }),
  ),
  {
    bytes: requestOf("CONNECT x:443", ["host: x"]),
    status: 400,
    sentence: /it is CONNECT, and this is no proxy/,
  },
  {
    bytes: requestOf("FOO /visits", ["host: x"]),
    status: 501,
    sentence: /its method is not known here/,
  },
  ...["GET /visit", "GET *", "DELETE http://x"].map((line) => ({
    bytes: requestOf(line, ["host: x"]),
    status: 404,
    sentence: /there are \/visits, \/healthz, \/readyz, \/metrics$/,
  })),
  {
    bytes: requestOf("POST /visit", ["host: x", "content-type: foo"], ""),
    status: 404,
    sentence: /Cannot find \/visit, did you mean "\/visits"/,
  },
];

test("what is no request that is served is told why, and counted once", async () => {
  const ingest = await startIngest(brokers, { topic, cors: [ORIGIN] });
  const expected: Record<string, number> = {};
  for (const { bytes, status, sentence, header } of ODD) {
    const answer = await exchange(ingest.url, bytes);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), bytes);
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, answer);
    const [head, body] = answer.split("\r\n\r\n") as [string, string];
    assert.match(head, /^content-type: application\/json; charset=utf-8\r?$/im);
    assert.match(JSON.parse(body).error, sentence);
    if (header !== undefined) assert.match(head, header);
    expected[status] = (expected[status] ?? 0) + 1;
  }
  const { answers, gone, requests } = await ingest.stop();
  assert.deepEqual(answers, expected);
  assert.equal(gone, 0);
  assert.equal(requests, ODD.length);
});

test("bytes that are no request are answered behind the requests before them", async () => {
  const ingest = await startIngest(brokers, { topic });
  const visit = postOf(visitJson("before-a")).replace(/connection.*\r\n/, "");
  for (const rest of [
    "hello\r\n\r\n",
    visit.replace(/length: \d+/, "length: x"),
  ]) {
    const answer = await exchange(ingest.url, `${visit}${visit}${rest}`);
    const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)];
    assert.deepEqual(
      statuses.map(([, status]) => status),
      ["202", "202", "400"],
    );
  }
  const { answers, gone, accepted } = await ingest.stop();
  assert.deepEqual(answers, { 202: 4, 400: 2 });
  assert.deepEqual([gone, accepted], [0, 4]);
});

test("a client that sends no more gets its answers", async () => {
  const ingest = await startIngest(brokers, { topic });
  const visit = postOf(visitJson("half-a")).replace(/connection.*\r\n/, "");
  const answer = await exchangeHalfClosed(ingest.url, visit + visit);
  assert.equal(answer.match(/HTTP\/1\.1 202 /g)?.length, 2, answer);
  // Of this one nobody knows whether it is gone.
  assert.equal(await exchangeHalfClosed(ingest.url, visit.slice(0, -1)), "");
  const { answers, gone } = await ingest.stop();
  assert.deepEqual(answers, { 202: 2 });
  assert.equal(gone, 1);
});
