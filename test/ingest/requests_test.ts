import assert from "node:assert/strict";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { visitJson } from "../e2e/produce.ts";
import { readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";
import { startIngest } from "./running_ingest.ts";

const { brokers, newTopic } = await testKafka();
const topic = await newTopic("visits", { partitions: 3 });
const open = await startIngest(brokers, { topic });
after(() => open.stop());

/** Values of the topic whose visit_id begins so, in the order of partitions. */
async function written(prefix: string): Promise<string[]> {
  const records = await readWithKcat(brokers, topic);
  return records
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ value }) => value);
}

test("POST /visits takes each kind of body, in each coding", async () => {
  const NDJSON = { "content-type": "application/x-ndjson" };
  const visits = ["a", "b", "c"].map((id) => visitJson(`kinds-${id}`));
  const [one] = visits as [string];
  const array = ` [ ${visits.join(" , ")} ] `;
  const lines = `${visits.join("\r\n")}\n\n`;
  const zstd = { "content-encoding": "zstd" };
  const gzip = { "content-encoding": "gzip" };
  const accepted = (count: number) => `202 {"accepted":${count}}`;
  for (const [body, headers, answer] of [
    [one, {}, accepted(1)],
    [` ${one}\n`, { "content-type": "Application/JSON; x=y" }, accepted(1)],
    [array, {}, accepted(3)],
    [lines, NDJSON, accepted(3)],
    [lines, { "content-type": "application/ndjson" }, accepted(3)],
    [lines, { "content-type": "Application/JSONL; x=y" }, accepted(3)],
    [`\ufeff${lines}`, NDJSON, accepted(3)],
    [`\ufeff${one}`, {}, accepted(1)],
    [gzipSync(array), gzip, accepted(3)],
    [zstdCompressSync(lines), { ...NDJSON, ...zstd }, accepted(3)],
    ["[]", {}, accepted(0)],
    ["\n", NDJSON, accepted(0)],
  ] as const) {
    const { status, body: json } = await open.post(body, headers);
    assert.equal(`${status} ${json}`, answer);
  }
  const values = await written("kinds-");
  assert.equal(values.length, 24);
  // The bytes of each visit as they came, without what stood around them.
  for (const value of values) assert.ok(visits.includes(value), value);
});

test("POST /visits keeps the good ones and says what the others are", async () => {
  const good = [visitJson("good-a"), visitJson("good-b")] as const;
  const bad = '{"visit_id":"x"}';
  const array = await open.post(`[${good[0]},{"a":1],7, ,${good[1]},${bad}]`);
  assert.equal(array.status, 400);
  assert.deepEqual(JSON.parse(array.body), {
    accepted: 2,
    rejected: 4,
    rejections: [
      { index: 1, reason: "not_json" },
      { index: 2, reason: "not_object" },
      { index: 3, reason: "empty" },
      { index: 5, reason: "event_time_missing" },
    ],
  });
  const lines = await open.post(`\n${bad}\n${good[0]}\n`, {
    "content-type": "application/x-ndjson",
  });
  assert.deepEqual(JSON.parse(lines.body), {
    accepted: 1,
    rejected: 1,
    rejections: [{ line: 2, reason: "event_time_missing" }],
  });
  // A line that begins as an array is one that is no visit.
  const mixed = await open.post(`[${good[1]}]\n${good[1]}\n`, {
    "content-type": "application/x-ndjson",
  });
  assert.deepEqual(JSON.parse(mixed.body), {
    accepted: 1,
    rejected: 1,
    rejections: [{ line: 1, reason: "not_object" }],
  });
  const expected = [...good, ...good].sort();
  assert.deepEqual((await written("good-")).sort(), expected);
});

test("POST /visits lists a hundred rejections and counts the others", async () => {
  const { status, body } = await open.post(`[${"7,".repeat(999)}7]`);
  assert.equal(status, 400);
  const { accepted, rejected, rejections } = JSON.parse(body);
  assert.deepEqual([accepted, rejected, rejections.length], [0, 1_000, 100]);
});

test("POST /visits takes nothing of a body that is broken as a whole", async () => {
  const visit = visitJson("broken-a");
  for (const [body, headers, sentence] of [
    [`[${visit},`, {}, /begins as a JSON array and is not one to its end/],
    [visit, { "content-encoding": "gzip" }, /Cannot unpack body as gzip/],
  ] as const) {
    const answer = await open.post(body, headers);
    assert.equal(answer.status, 400);
    assert.match(JSON.parse(answer.body).error, sentence);
  }
  assert.deepEqual(await written("broken-"), []);
});

test("POST /visits refuses other types, other codings and large bodies", async () => {
  const visit = visitJson("refused-a");
  const large = Buffer.alloc((1 << 20) + 1, " ");
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  for (const [status, body, headers] of [
    [415, visit, { "content-type": "text/plain" }],
    [415, visit, { "content-type": "application/x-www-form-urlencoded" }],
    [415, visit, { "content-encoding": "br" }],
    [413, large, {}],
    [413, bomb, { "content-encoding": "gzip" }],
  ] as const) {
    const answer = await open.post(body, headers);
    assert.equal(answer.status, status, answer.body);
    assert.match(JSON.parse(answer.body).error, /^Cannot /);
  }
  const tooLarge = `{"visit_id":"${"x".repeat(100_000)}"}`;
  const answer = await open.post(`[${tooLarge}]`);
  assert.match(answer.body, /"reason":"too_large"/);
  assert.deepEqual(await written("refused-"), []);
});

test("POST /visits keeps the order of a connection, also of requests sent at once", async () => {
  const count = 200;
  const requests = Array.from({ length: count }, (_, index) => {
    const visit = Buffer.from(visitJson("order-a", { page: String(index) }));
    // A packed one needs longer, and waits for nobody.
    const isPacked = index % 3 === 0;
    const body = isPacked ? gzipSync(visit) : visit;
    const head = [
      "POST /visits HTTP/1.1",
      "host: x",
      "content-type: application/json",
      ...(isPacked ? ["content-encoding: gzip"] : []),
      `content-length: ${body.length}`,
      ...(index === count - 1 ? ["connection: close"] : []),
    ];
    return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
  });
  const socket = connect(Number(new URL(open.url).port), "127.0.0.1");
  socket.write(Buffer.concat(requests));
  const answers = await text(socket);
  assert.equal(answers.match(/HTTP\/1.1 202 /g)?.length, count);
  const pages = (await written("order-")).map((each) => JSON.parse(each).page);
  assert.deepEqual(
    pages,
    Array.from({ length: count }, (_, i) => String(i)),
  );
});

test("POST /visits says by its key where an odd visit_id goes", async () => {
  const visit =
    '{"visit_id":"k\\u00fc\\"\\ud83d","event_time":"2024-06-01T00:00Z"}';
  assert.equal((await open.post(visit)).status, 202);
  const records = await readWithKcat(brokers, topic);
  const record = records.find(({ value }) => value === visit);
  assert.equal(record?.key, 'kü"\ufffd');
});

test("other paths and methods are named, broken HTTP is answered", async () => {
  const statusOf = async (path: string, method = "GET") =>
    (await fetch(`${open.url}${path}`, { method })).status;
  assert.equal(await statusOf("/visits"), 405);
  assert.equal(await statusOf("/visits", "DELETE"), 405);
  assert.equal(await statusOf("/"), 404);
  for (const bytes of [
    "GET\r\n\r\n",
    "\x16\x03\x01\r\n\r\n",
    `GET /${"x".repeat(20_000)} HTTP/1.1\r\n\r\n`,
  ]) {
    const socket = connect(Number(new URL(open.url).port), "127.0.0.1");
    socket.write(bytes);
    assert.match(await text(socket), /^HTTP\/1.1 4(00|31) /);
  }
});
