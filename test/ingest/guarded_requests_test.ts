import assert from "node:assert/strict";
import { after, test } from "node:test";
import { visitJson } from "../e2e/produce.ts";
import { testKafka } from "../support/test_kafka.ts";
import { startIngest } from "./running_ingest.ts";

const { brokers, newTopic } = await testKafka();
const TOKEN = "correct-horse-battery-staple";
const guarded = await startIngest(brokers, {
  topic: await newTopic("visits", { partitions: 1 }),
  token: TOKEN,
  cors: ["https://shop.example"],
});
after(() => guarded.stop());

test("a page may send its visits when its origin is one of --cors", async () => {
  const bearer = { authorization: `Bearer ${TOKEN}` };
  const shop = { origin: "https://shop.example", ...bearer };
  const asked = await fetch(`${guarded.url}/visits`, {
    method: "OPTIONS",
    headers: { origin: shop.origin, "access-control-request-method": "POST" },
  });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get("access-control-allow-origin"), shop.origin);
  assert.match(
    asked.headers.get("access-control-allow-headers")!,
    /authorization, content-type/,
  );
  // A beacon of JSON bears credentials, whatever they are.
  assert.equal(asked.headers.get("access-control-allow-credentials"), "true");
  // Else the page could not read what is wrong with the address.
  const odd = { method: "OPTIONS", headers: { origin: shop.origin } };
  assert.equal((await fetch(`${guarded.url}/visits%zz`, odd)).status, 204);
  const beacon = { "content-type": "text/plain;charset=UTF-8", ...shop };
  for (const body of [visitJson("v"), `[${visitJson("v")}]`]) {
    const answer = await guarded.post(body, beacon);
    assert.equal(answer.status, 202, answer.body);
    const allowed = answer.headers.get("access-control-allow-origin");
    assert.equal(allowed, shop.origin);
  }
  for (const origin of [
    "https://shop.example.org",
    "http://shop.example",
    "null",
  ]) {
    const answer = await guarded.post(visitJson("v"), { ...beacon, origin });
    assert.equal(answer.status, 403);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
  }
  // Its refusals must be readable by the page as well.
  const refused = await guarded.post("{}", shop);
  assert.equal(refused.status, 400);
  assert.ok(refused.headers.has("access-control-allow-origin"));
  const exposed = refused.headers.get("access-control-expose-headers");
  assert.equal(exposed, "Retry-After");
  assert.equal(refused.headers.get("vary"), "Origin");
});

test("where any page may send, none is let in with credentials", async () => {
  const ingest = await startIngest(brokers, {
    ...{ topic: await newTopic("visits", { partitions: 1 }), cors: ["*"] },
  });
  const page = { origin: "https://anywhere.example" };
  const asked = { ...page, "access-control-request-method": "POST" };
  const answers = [
    await fetch(`${ingest.url}/visits`, { method: "OPTIONS", headers: asked }),
    await ingest.post(visitJson("v"), page),
  ];
  assert.deepEqual(
    answers.map(({ status }) => status),
    [204, 202],
  );
  for (const { headers } of answers) {
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("access-control-allow-credentials"), null);
    assert.match(headers.get("access-control-expose-headers")!, /Retry-After/);
  }
  await ingest.stop();
});

test("a token is asked for, of all but the health of an ingest", async () => {
  const visit = visitJson("v");
  for (const authorization of [
    "",
    TOKEN,
    "Bearer",
    `Bearer ${TOKEN}x`,
    "Basic x",
  ]) {
    const answer = await guarded.post(visit, { authorization });
    assert.equal(answer.status, 401, authorization);
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    assert.doesNotMatch(answer.body, /horse/);
  }
  const right = { authorization: `bearer ${TOKEN}` };
  assert.equal((await guarded.post(visit, right)).status, 202);
  const statusOf = async (path: string) =>
    (await fetch(`${guarded.url}${path}`)).status;
  assert.equal(await statusOf("/healthz"), 200);
  assert.equal(await statusOf("/readyz"), 200);
  assert.equal(await statusOf("/readyz?probe=1"), 200);
  assert.equal(await statusOf("/metrics"), 401);
  assert.equal(await statusOf("/metrics?/readyz"), 401);
  assert.equal(await statusOf("/nothing"), 401);
});
