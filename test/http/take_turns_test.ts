import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type TurnBounds, takeTurns } from "../../src/http/take_turns.ts";
import { waitUntil } from "../support/wait_until.ts";

/** A server whose handler notes what it gets to work on. */
async function served(t: TestContext, bounds: TurnBounds) {
  const begun: { path: string; response: ServerResponse }[] = [];
  const server = createServer((request, response) => {
    begun.push({ path: request.url!, response });
    if (request.url === "/now") response.end("now");
  });
  takeTurns(server, bounds);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const paths = () => begun.map(({ path }) => path);
  return {
    ...{ begun, paths, url: `http://127.0.0.1:${port}` },
    send(bytes: string): Socket {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(bytes);
      t.after(() => socket.destroy());
      return socket;
    },
  };
}

function asks(paths: readonly string[], last = ""): string {
  return paths
    .map((path) => {
      const ends = path === last ? "connection: close\r\n" : "";
      return `GET ${path} HTTP/1.1\r\nhost: x\r\n${ends}\r\n`;
    })
    .join("");
}

const MANY = Array.from({ length: 40 }, (_, i) => `/${i}`);

test("takeTurns: so many of a connection are worked on at once, in order", async (t) => {
  const { begun, paths, send } = await served(t, {
    ...{ atOnce: 2, waitingMax: 100 },
  });
  const answers = text(send(asks(MANY, "/39")));
  for (const [i, path] of MANY.entries()) {
    await waitUntil(() => begun.length > i);
    await sleep(2);
    assert.ok(begun.length <= i + 2, `${begun.length} at ${i}`);
    begun[i]!.response.end(`<${path}>`);
  }
  assert.deepEqual(paths(), MANY);
  const bodies = (await answers).match(/<.*?>/g);
  assert.deepEqual(
    bodies,
    MANY.map((path) => `<${path}>`),
  );
});

test("takeTurns: a connection that asks much does not keep others waiting", async (t) => {
  const { begun, url, send } = await served(t, { atOnce: 1, waitingMax: 100 });
  send(asks(MANY));
  await waitUntil(() => begun.length === 1);
  assert.equal(await (await fetch(`${url}/now`)).text(), "now");
  assert.equal(begun.length, 2);
});

test("takeTurns: what waits of a client that has gone is not worked on", async (t) => {
  const { begun, paths, send } = await served(t, {
    ...{ atOnce: 1, waitingMax: 100 },
  });
  const socket = send(asks(MANY));
  await waitUntil(() => begun.length === 1);
  socket.resetAndDestroy();
  await once(socket, "close");
  // A first answer finds that nobody is there.
  begun[0]!.response.end("x".repeat(100_000));
  await sleep(100);
  assert.deepEqual(paths(), ["/0"]);
});

test("takeTurns: a connection is not read on while a request of it waits", async (t) => {
  const { begun, send } = await served(t, { atOnce: 1, waitingMax: 20_000 });
  // Each longer than a part of it that Node reads at once, many times over.
  const pad = `x: ${"x".repeat(8_000)}\r\n`;
  const path = "/a";
  const one = `GET ${path} HTTP/1.1\r\nhost: x\r\n${pad}\r\n`;
  const socket = send(one.repeat(2_000));
  await waitUntil(() => begun.length === 1);
  await sleep(200);
  assert.ok(socket.writableLength > 8e6, `${socket.writableLength}`);
  assert.equal(begun.length, 1);
  for (let i = 0; i < 100; i++) {
    await waitUntil(() => begun.length > i);
    begun[i]!.response.end("done");
  }
  assert.equal(socket.destroyed, false);
});

test("takeTurns: a body behind a request that waits comes when it is its turn", async (t) => {
  const bodies: Promise<string>[] = [];
  const server = createServer(async (request, response) => {
    const body = text(request);
    bodies.push(body);
    await sleep(20);
    response.end(`<${(await body).length}>`);
  });
  takeTurns(server, { atOnce: 1, waitingMax: 100 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const head = "POST / HTTP/1.1\r\nhost: x\r\n";
  const length = 300_000;
  for (let i = 0; i < 5; i++) {
    const ends = i === 4 ? "connection: close\r\n" : "";
    socket.write(`${head}${ends}content-length: ${length}\r\n\r\n`);
    socket.write("b".repeat(length));
  }
  const told = (await text(socket)).match(/<\d+>/g);
  assert.deepEqual(told, Array(5).fill(`<${length}>`));
});

test("takeTurns: one more than may wait closes its connection alone", async (t) => {
  const { begun, url, send } = await served(t, { atOnce: 1, waitingMax: 30 });
  const modest = send(asks(MANY.slice(0, 10)));
  await waitUntil(() => begun.length === 1);
  const greedy = send(asks(MANY));
  await once(greedy, "close");
  assert.equal(modest.destroyed, false);
  assert.equal(await (await fetch(`${url}/now`)).text(), "now");
  // What has waited of it waits no more.
  const next = send(asks(MANY.slice(0, 20)));
  await sleep(100);
  assert.equal(next.destroyed, false);
});
