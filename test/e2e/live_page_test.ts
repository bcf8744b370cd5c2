import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, numberIn, openPage } from "../admin/page/browser.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { adminUrlOf } from "./admin_url.ts";
import { Command } from "./command.ts";
import { produce, visitJson } from "./produce.ts";

const { brokers, newTopic } = await testKafka();
after(closeBrowser);

const WINDOWS = ["--out-of-orderness", "20m", "--allowed-lateness", "0"];

test("live page: a session that a silent partition holds back, until it speaks", async (t) => {
  const topic = await newTopic("visits", { partitions: 2 });
  const flags = ["--brokers", brokers, "--from", `kafka:${topic}`];
  const job = new Command([
    ...["run", ...flags, "--to", "null", "--group", topic],
    ...[...WINDOWS, "--idle-timeout", "10m", "--admin", "127.0.0.1:0"],
  ]);
  t.after(() => job.kill("SIGKILL"));
  const page = await openPage(t, await adminUrlOf(job), { mayFail: true });
  await page.locator("#phase", { hasText: /^running$/ }).waitFor();
  const send = (partition: number, ...values: string[]) => {
    const messages = values.map((value) => ({ partition, value }));
    return produce(brokers, { topic, messages });
  };
  await send(1, visitJson("other", { minute: 5 }), "no visit");
  await send(
    0,
    visitJson("v/1", { minute: 10, page: "search" }),
    visitJson("v/1", { minute: 12, page: "basket" }),
    visitJson("third", { minute: 300 }),
  );
  const inAll = ".tile:nth-child(1) .under";
  await waitUntil(async () => (await numberIn(page, inAll)) === 5);
  assert.match(await page.locator("#rejected").innerText(), /^not_json\s+1$/);

  await page.getByLabel("visit_id").fill("v/1");
  await page.keyboard.press("Enter");
  const explanation = page.locator(".explanation");
  const held = new RegExp(
    `Session 0-0 of "v/1" is open: it ends at 2024-06-01 00:22.*${topic}\\[1\\] holds it back: it is silent`,
  );
  await waitUntil(async () =>
    held.test((await explanation.allInnerTexts()).join()),
  );
  const pages = await page.locator(".session li").allInnerTexts();
  assert.equal(pages.length, 2);
  assert.match(pages[0]!, /00:10:00\s+search/);
  assert.match(pages[1]!, /00:12:00\s+basket\s+\+2 min/);
  await page.locator("#partitions tr.waiting").waitFor();
  assert.match(
    await page.locator("#partitions tr.waiting").innerText(),
    /▸ 1\s.*silent \d+ s, idle in 9 min/s,
  );
  assert.match(
    await page.locator("#hold").innerText(),
    /\[1\], silent for \d+ s, idle in 9 min \d+ s, 4 h 55 min behind the next one\.$/,
  );

  await send(1, visitJson("other", { minute: 290 }));
  await waitUntil(async () =>
    /no open session/i.test(await explanation.innerText()),
  );
  const sessions = ".tile:nth-child(2) .under";
  await waitUntil(async () => (await numberIn(page, sessions)) === 2);
  await waitUntil(async () =>
    /10 min behind the next/.test(await page.locator("#hold").innerText()),
  );

  job.kill("SIGTERM");
  assert.equal((await job.ended()).exitCode, 0);
  const link = page.locator("#link-text");
  await waitUntil(async () => (await link.innerText()) === "no connection");
});
